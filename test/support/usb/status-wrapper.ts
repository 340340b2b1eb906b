export interface ToldStatus {
  tag: number;
  residue?: number;
  /** 0 passed, 1 failed, 2 phase error. */
  status?: number;
  signature?: number;
}

/** The 13 bytes of a command status wrapper, Bulk-Only 1.0 §5.2: good, unless something else is told. */
export function statusOf({ tag, residue = 0, status = 0, signature = 0x53425355 }: ToldStatus): Buffer {
  const bytes = Buffer.alloc(13);
  bytes.writeUInt32LE(signature, 0);
  bytes.writeUInt32LE(tag, 4);
  bytes.writeUInt32LE(residue, 8);
  bytes.writeUInt8(status, 12);
  return bytes;
}

/** The frames of PTP over USB: USB still image capture device, revision 1.0, §7.1. All little-endian. */

export const HEADER_BYTES = 12;
/** A command and a response have at most five parameters. */
const MAX_PARAMETERS = 5;
export const MAX_RESPONSE_BYTES = HEADER_BYTES + 4 * MAX_PARAMETERS;

export const CONTAINER = { command: 1, data: 2, response: 3, event: 4 } as const;

/** The header of a container; `length` counts it too, and 0xFFFFFFFF stands for what does not fit. */
export interface ContainerHeader {
  length: number;
  type: number;
  /** Of the operation, or of the response. */
  code: number;
  transaction: number;
}

export function encodeHeader({ length, type, code, transaction }: ContainerHeader): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(length, 0);
  header.writeUInt16LE(type, 4);
  header.writeUInt16LE(code, 6);
  header.writeUInt32LE(transaction, 8);
  return header;
}

/** Null: fewer bytes than a header has. */
export function decodeHeader(bytes: Uint8Array): ContainerHeader | null {
  if (bytes.length < HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  return {
    length: view.getUint32(0, true),
    type: view.getUint16(4, true),
    code: view.getUint16(6, true),
    transaction: view.getUint32(8, true),
  };
}

/** A command, or a response. */
export function encodeCall(
  type: number,
  code: number,
  transaction: number,
  parameters: readonly number[],
): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + 4 * parameters.length);
  encodeHeader({ length: bytes.length, type, code, transaction }).copy(bytes);
  for (const [i, parameter] of parameters.entries()) bytes.writeUInt32LE(parameter, HEADER_BYTES + 4 * i);
  return bytes;
}

/** The parameters behind a header; null: the length fits no container of this kind. */
export function decodeParameters(bytes: Uint8Array, length: number): number[] | null {
  if (length < HEADER_BYTES || length > MAX_RESPONSE_BYTES || length % 4 !== 0 || bytes.length < length)
    return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  return Array.from({ length: (length - HEADER_BYTES) / 4 }, (_, i) =>
    view.getUint32(HEADER_BYTES + 4 * i, true),
  );
}

import checksums from "crc-32";

/** One message on the wire: docs/control-link.md, "Frames". */
export interface Frame {
  /** 0 to 255: which message. */
  type: number;
  /** 0 to 65,535: which request is answered, which event is confirmed. */
  seq: number;
  payload: Uint8Array;
}

/** Of the framing; the messages have a version of their own. */
export const FRAME_VERSION = 1;
export const MAX_PAYLOAD_BYTES = 240;

const HEADER_BYTES = 4;
const CHECKSUM_BYTES = 4;
export const MIN_FRAME_BYTES = HEADER_BYTES + CHECKSUM_BYTES;
export const MAX_FRAME_BYTES = HEADER_BYTES + MAX_PAYLOAD_BYTES + CHECKSUM_BYTES;

/** Version, type, sequence number, payload, CRC-32 of all before it; numbers little-endian. */
export function packFrame({ type, seq, payload }: Frame): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + payload.length + CHECKSUM_BYTES);
  bytes.writeUInt8(FRAME_VERSION, 0);
  bytes.writeUInt8(type, 1);
  bytes.writeUInt16LE(seq, 2);
  bytes.set(payload, HEADER_BYTES);
  const end = bytes.length - CHECKSUM_BYTES;
  bytes.writeUInt32LE(crc32(bytes.subarray(0, end)), end);
  return bytes;
}

/** null: no frame of this version, or one that the line damaged. The payload is a copy. */
export function unpackFrame(bytes: Buffer): Frame | null {
  if (bytes.length < MIN_FRAME_BYTES || bytes.length > MAX_FRAME_BYTES) return null;
  if (bytes[0] !== FRAME_VERSION) return null;
  const end = bytes.length - CHECKSUM_BYTES;
  if (crc32(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) return null;
  const payload = Buffer.from(bytes.subarray(HEADER_BYTES, end));
  return { type: bytes.readUInt8(1), seq: bytes.readUInt16LE(2), payload };
}

/** As IEEE 802.3 has it; that of node:zlib is younger than the Node of some units. */
function crc32(bytes: Uint8Array): number {
  return checksums.buf(bytes) >>> 0;
}

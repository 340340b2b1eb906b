/** As long as a frame's header gets: magic, descriptor, window, dictionary, size. RFC 8878 §3.1.1. */
export const MOST_HEADER_BYTES = 18;
const MAGIC = 0xfd2fb528;
const DICTIONARY_BYTES = [0, 1, 2, 4];

/** What the first frame says that it holds, unpacked; null: it says nothing, or is no frame of Zstandard. */
export function contentBytes(head: Buffer): number | null {
  if (head.length < MOST_HEADER_BYTES || head.readUInt32LE(0) !== MAGIC) return null;
  const descriptor = head.readUInt8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const at = 5 + (isSingleSegment ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] ?? 0);
  switch (descriptor >> 6) {
    case 0:
      return isSingleSegment ? head.readUInt8(at) : null;
    case 1:
      return head.readUInt16LE(at) + 256;
    case 2:
      return head.readUInt32LE(at);
    default: {
      const bytes = head.readBigUInt64LE(at);
      return bytes <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(bytes) : null;
    }
  }
}

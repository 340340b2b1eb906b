/** Where in an image its personal part lies. */
export interface Region {
  at: number;
  bytes: number;
}

/** An archive with every member at its bound has room in it. */
export const LEAST_REGION_BYTES = 512 * 1024;
export const MOST_REGION_BYTES = 16 * 2 ** 20;

const SECTOR = 512;
/** Nothing of a partition table or a boot loader lies behind it. */
const LEAST_AT = 2 ** 20;
const PARTITION_NAME = "personal";
/** MBR has no names: "non-FS data" in its common list of types. */
const MBR_TYPE = 0xda;
const MBR_SIGNATURE = 0xaa55;

/**
 * The partition for the personal part by the image's first block: in GPT the one named `personal` (UEFI 2.10 §5.3),
 * in MBR the primary one of type 0xda. Null: it has none, or one that is out of bounds.
 */
export function regionIn(head: Buffer): Region | null {
  if (head.length < 2 * SECTOR || head.readUInt16LE(510) !== MBR_SIGNATURE) return null;
  const region = head.toString("latin1", SECTOR, SECTOR + 8) === "EFI PART" ? inGpt(head) : inMbr(head);
  if (region === null || region.at < LEAST_AT) return null;
  return region.bytes >= LEAST_REGION_BYTES && region.bytes <= MOST_REGION_BYTES ? region : null;
}

function inMbr(head: Buffer): Region | null {
  for (let at = 446; at < 510; at += 16) {
    if (head.readUInt8(at + 4) === MBR_TYPE)
      return { at: head.readUInt32LE(at + 8) * SECTOR, bytes: head.readUInt32LE(at + 12) * SECTOR };
  }
  return null;
}

function inGpt(head: Buffer): Region | null {
  const first = Number(head.readBigUInt64LE(SECTOR + 72)) * SECTOR;
  const count = head.readUInt32LE(SECTOR + 80);
  const size = head.readUInt32LE(SECTOR + 84);
  if (size < 128) return null;
  for (let n = 0, at = first; n < count && at + size <= head.length; n++, at += size) {
    const [name] = head.toString("utf16le", at + 56, at + 128).split("\0");
    if (name !== PARTITION_NAME) continue;
    const from = head.readBigUInt64LE(at + 32);
    const to = head.readBigUInt64LE(at + 40);
    return { at: Number(from) * SECTOR, bytes: Number(to - from + 1n) * SECTOR };
  }
  return null;
}

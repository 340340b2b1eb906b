import { open } from "node:fs/promises";
import type { FileSystem } from "../card.ts";

export interface Superblock {
  fileSystem: FileSystem;
  /** Serial number or UUID in hexadecimal digits. */
  volumeId: string;
}

/** Up to the end of ext's superblock, which begins at 1,024. */
const HEAD_BYTES = 2048;
const EXT = 1024;

/**
 * What the first bytes of a block device say that it holds; null: nothing that a recorder's card holds. Only fixed
 * places are looked at, so that a hostile card meets no parser here; the kernel judges the rest when it mounts.
 */
export async function readSuperblock(device: string): Promise<Superblock | null> {
  const file = await open(device, "r");
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    let have = 0;
    while (have < HEAD_BYTES) {
      const { bytesRead } = await file.read(head, have, HEAD_BYTES - have, have);
      if (bytesRead === 0) break;
      have += bytesRead;
    }
    return superblockOf(head);
  } finally {
    await file.close();
  }
}

export function superblockOf(head: Buffer): Superblock | null {
  if (head.length < HEAD_BYTES) return null;
  const text = (at: number, length: number) => head.toString("latin1", at, at + length);
  const number = (at: number) => head.readUInt32LE(at).toString(16).padStart(8, "0");
  // ext keeps away from the first 1,024 bytes, where a boot sector of an older file system may be left
  if (head.readUInt16LE(EXT + 0x38) === 0xef53) {
    return { fileSystem: "ext4", volumeId: head.toString("hex", EXT + 0x68, EXT + 0x78) };
  }
  if (head.readUInt16LE(0x1fe) !== 0xaa55) return null;
  // exFAT file system specification §3.1
  if (text(3, 8) === "EXFAT   ") return { fileSystem: "exfat", volumeId: number(0x64) };
  if (!isFat(head)) return null;
  // Microsoft FAT specification §3.2, §3.3: the words are no proof, but the kernel's own test is too lax to choose by
  if (text(0x52, 8) === "FAT32   ") return { fileSystem: "vfat", volumeId: number(0x43) };
  if (/^FAT(12|16)? {3,5}$/.test(text(0x36, 8))) return { fileSystem: "vfat", volumeId: number(0x27) };
  return null;
}

/** A BIOS parameter block that the kernel would take: jump, sector and cluster size, number of FATs. */
function isFat(head: Buffer): boolean {
  const sectorBytes = head.readUInt16LE(11);
  const clusterSectors = head.readUInt8(13);
  const fats = head.readUInt8(16);
  const isPower = (value: number) => value > 0 && (value & (value - 1)) === 0;
  return (
    isPower(sectorBytes) && sectorBytes >= 512 && sectorBytes <= 4096 && isPower(clusterSectors) && fats > 0
  );
}

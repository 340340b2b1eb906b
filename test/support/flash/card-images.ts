import { createCipheriv, createHash } from "node:crypto";
import type { Image } from "../../../agent/flash/image/image.ts";

const MIB = 2 ** 20;
const SECTOR = 512;

export interface Part {
  name: string;
  at: number;
  bytes: number;
}

/** Where the images below have their personal partition. */
export const PERSONAL: Part = { name: "personal", at: 4 * MIB, bytes: MIB };

/** An image of `bytes` that nobody could guess, without a partition table. */
export function plainImage(bytes: number, seed = "image"): Buffer {
  const key = createHash("sha256").update(seed).digest().subarray(0, 16);
  return createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
}

/** An image that is only memory; `again` is what it is when it is read once more. */
export function memoryImage(content: Buffer, again = content, toldDigest: string | null = null): Image {
  let readings = 0;
  return {
    path: "memory.img",
    bytes: content.length,
    toldDigest,
    read: () => {
      const source = readings++ === 0 ? content : again;
      let at = 0;
      return {
        fill: async (into) => {
          const bytes = source.copy(into, 0, at, at + into.length);
          at += bytes;
          return bytes;
        },
        packedDigest: () => null,
        close: async () => {},
      };
    },
  };
}

/** The same with a GPT (UEFI 2.10 §5.3) that names `parts`; their contents are zeros. */
export function gptImage(bytes = 7 * MIB + 1536, parts: readonly Part[] = [PERSONAL]): Buffer {
  const image = plainImage(bytes);
  image.fill(0, 0, 34 * SECTOR);
  image.writeUInt16LE(0xaa55, 510);
  image.write("EFI PART", SECTOR, "latin1");
  image.writeBigUInt64LE(2n, SECTOR + 72);
  image.writeUInt32LE(128, SECTOR + 80);
  image.writeUInt32LE(128, SECTOR + 84);
  parts.forEach(({ name, at, bytes: length }, n) => {
    const entry = 2 * SECTOR + n * 128;
    image.fill(0x11, entry, entry + 32);
    image.writeBigUInt64LE(BigInt(at / SECTOR), entry + 32);
    image.writeBigUInt64LE(BigInt((at + length) / SECTOR - 1), entry + 40);
    image.write(name, entry + 56, "utf16le");
    image.fill(0, at, at + length);
  });
  return image;
}

/** The same with an MBR whose third primary partition is of `type`. */
export function mbrImage(type: number, { at, bytes: length }: Part = PERSONAL): Buffer {
  const image = plainImage(7 * MIB);
  image.fill(0, 440, 512);
  image.writeUInt16LE(0xaa55, 510);
  const entry = 446 + 2 * 16;
  image.writeUInt8(type, entry + 4);
  image.writeUInt32LE(at / SECTOR, entry + 8);
  image.writeUInt32LE(length / SECTOR, entry + 12);
  image.fill(0, at, at + length);
  return image;
}

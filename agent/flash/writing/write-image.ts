import { createHash } from "node:crypto";
import { AgentError } from "../../../config/base/errors.ts";
import { checkDigest, type Image } from "../image/image.ts";
import type { ImageReader } from "../image/image-reader.ts";
import { BLOCK_BYTES, newBlock, type PassOptions } from "./blocks.ts";
import { compareImage, firstDifference } from "./compare-image.ts";
import type { Medium } from "./medium.ts";
import { type Overlay, overlay } from "./overlay.ts";

export interface WriteOptions extends PassOptions {
  /** Says by the image's first block what stands in place of its bytes; throws if that cannot be. */
  personalise: (head: Uint8Array) => Overlay | null;
}

/** What was written, and found on the medium again. */
export interface Written {
  bytes: number;
  /** Hex SHA-256 of the image, unpacked. */
  sha256: string;
  /** Its digest was told beside it, and is right. */
  isChecked: boolean;
}

/** Blocks in memory: while the disk writes one, the next is read and hashed. */
const BLOCKS = 2;

/**
 * Writes an image and reads it back. The first block, with the partition table, becomes zeros before all else and
 * gets its bytes last, when all others have been found on the medium: a card on which anything failed never looks
 * whole. Throws `image-…`, `target-…`, or the signal's reason.
 */
export async function writeImage(image: Image, medium: Medium, options: WriteOptions): Promise<Written> {
  const head = newBlock();
  const headBytes = Math.min(BLOCK_BYTES, image.bytes);
  const { replaced, sha256 } = await writeBody(image, medium, head, options);
  const personal =
    replaced === null ? { is: "none" as const } : { is: "expected" as const, overlay: replaced };
  const back = await compareImage(image, medium, { ...options, personal, skipsHead: true });
  if (!back.same) throw differs(medium, back.differsAt);
  if (back.sha256 !== sha256) throw new AgentError("image-changed", image.path);

  try {
    await writeHead(image, medium, head.subarray(0, headBytes));
  } catch (error) {
    // it must not look whole; whether this succeeds on a disk that fails, nobody can promise
    await clear(image, medium, headBytes).catch(() => {});
    throw error;
  }
  return { bytes: image.bytes, sha256, isChecked: image.toldDigest !== null };
}

async function writeHead(image: Image, medium: Medium, head: Uint8Array): Promise<void> {
  // what stands behind the image in its memory are zeros
  const padded = new Uint8Array(head.buffer, 0, medium.aligned(head.length));
  await medium.write(padded, 0);
  // a file's last block was written up to its alignment
  await medium.resize(Number.isFinite(medium.bytes) ? medium.bytes : image.bytes);
  await medium.sync();
  const seen = newBlock().subarray(0, padded.length);
  const found = await medium.read(seen, 0);
  const difference = firstDifference(head, seen.subarray(0, Math.min(found, head.length)));
  if (difference !== null) throw differs(medium, difference);
}

function differs({ path }: Medium, at: number): AgentError {
  return new AgentError("target-differs", `${path}, byte ${at}`);
}

/** All but the first block, which is kept in `head`. */
async function writeBody(image: Image, medium: Medium, head: Uint8Array, options: WriteOptions) {
  const reader = image.read();
  try {
    const headBytes = await reader.fill(head);
    if (headBytes !== Math.min(BLOCK_BYTES, image.bytes)) throw new AgentError("image-changed", image.path);
    const replaced = options.personalise(head.subarray(0, headBytes));
    const hash = createHash("sha256").update(head.subarray(0, headBytes));
    if (replaced !== null) overlay(head, 0, replaced);
    await clear(image, medium, headBytes);
    await writeBlocks(image, reader, medium, options, (block, at) => {
      hash.update(block);
      if (replaced !== null) overlay(block, at, replaced);
    });
    await medium.sync();
    const sha256 = hash.digest("hex");
    checkDigest(image, reader.packedDigest() ?? sha256);
    return { replaced, sha256 };
  } finally {
    await reader.close();
  }
}

/** Nothing is left of tables that were there: neither where they begin nor where GPT keeps its second one. */
async function clear(image: Image, medium: Medium, headBytes: number): Promise<void> {
  const zeros = newBlock();
  await medium.write(zeros.subarray(0, medium.aligned(headBytes)), 0);
  if (Number.isFinite(medium.bytes)) {
    const end = medium.bytes - (medium.bytes % medium.alignment);
    const from = Math.max(medium.aligned(image.bytes), end - BLOCK_BYTES);
    if (from < end) await medium.write(zeros.subarray(0, end - from), from);
  }
  await medium.sync();
}

/** `see` looks at each block before it is written, and may change it. */
async function writeBlocks(
  image: Image,
  reader: ImageReader,
  medium: Medium,
  { onProgress, signal }: PassOptions,
  see: (block: Uint8Array, at: number) => void,
): Promise<void> {
  const { bytes: total } = image;
  const blocks = Array.from({ length: BLOCKS }, newBlock);
  // each waits for the one before: a disk is written from its beginning to its end
  let writing = Promise.resolve();
  try {
    for (let at = BLOCK_BYTES, n = 0; ; at += BLOCK_BYTES, n++) {
      signal.throwIfAborted();
      const block = blocks[n % BLOCKS] as Uint8Array;
      const bytes = await reader.fill(block);
      if (bytes !== Math.max(0, Math.min(BLOCK_BYTES, total - at)))
        throw new AgentError("image-changed", image.path);
      if (bytes === 0) break;
      see(block.subarray(0, bytes), at);
      const padded = block.subarray(0, medium.aligned(bytes)).fill(0, bytes);
      await writing;
      writing = medium
        .write(padded, at)
        .then(() => onProgress({ phase: "writing", done: at + bytes, total }));
      // it is waited for with the next one
      writing.catch(() => {});
    }
    await writing;
  } finally {
    // whoever frees or closes does it after the disk is done
    await writing.catch(() => {});
  }
}

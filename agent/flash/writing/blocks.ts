import { pageAligned } from "../../../crypto/media/blocks.ts";

/** What is read, hashed and written at once. The first block holds the partition table, and is written last. */
export const BLOCK_BYTES = 2 * 2 ** 20;

/** Memory for one block, as direct input and output wants it. */
export function newBlock(): Uint8Array {
  return pageAligned(BLOCK_BYTES);
}

/** Where a pass stands. */
export interface FlashProgress {
  phase: "writing" | "reading";
  done: number;
  total: number;
}

export interface PassOptions {
  onProgress: (progress: FlashProgress) => void;
  signal: AbortSignal;
}

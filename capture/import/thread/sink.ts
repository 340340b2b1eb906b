import type { Hash } from "node:crypto";
import { BLOCK_BYTES } from "../../../crypto/media/blocks.ts";

/** Where a reader puts what it reads: straight into the memory that is hashed and written from. */
export interface Sink {
  /** Memory for what comes next, at least one byte. */
  room(): Uint8Array;
  /** Its first `bytes` are filled. A promise: no more before it is settled. */
  took(bytes: number): Promise<void> | null;
}

/** Of the thread, for what is used up before anything else is read. */
export const SCRATCH = Buffer.allocUnsafeSlow(BLOCK_BYTES);

/** Hashes what comes, and tells how much it was. */
export function hashing(hash: Hash, onBytes: (bytes: number) => void): Sink {
  return {
    room: () => SCRATCH,
    took: (bytes) => {
      hash.update(SCRATCH.subarray(0, bytes));
      onBytes(bytes);
      return null;
    },
  };
}

/** Only counts. */
export function counting(onBytes: (bytes: number) => void): Sink {
  return {
    room: () => SCRATCH,
    took: (bytes) => {
      onBytes(bytes);
      return null;
    },
  };
}

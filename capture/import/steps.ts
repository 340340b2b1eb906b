import type { ImportChunk } from "../../crypto/entry/recording-types.ts";

/**
 * How the reading of a file ended. Only `imported` means all of it: as many bytes as were claimed, and not one
 * more behind them.
 */
export type ReadingEnd =
  | { reason: "imported"; fileDigest: string }
  | { reason: "shorter-than-claimed" | "longer-than-claimed" | "read-error" | "file-gone"; fileDigest: null };

/** What one turn of a thread at one file brought. */
export interface Step {
  /** Stored durably, with its intent; null when there was nothing to store. */
  chunk: ImportChunk | null;
  /** Null: the file goes on. */
  end: ReadingEnd | null;
}

/** Plain data for the threads. */
export interface ImportThreadOptions {
  dataDir: string;
  keepFreeBytes: number;
  /** age recipients that media is sealed to; empty stores it plain. */
  recipients: readonly string[];
  /** Plain content of one chunk. */
  chunkBytes: number;
}

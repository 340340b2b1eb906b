import { closeSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { resolve } from "node:path";
import { AgentError } from "../../../config/base/errors.ts";
import { digestBeside } from "./digest-beside.ts";
import type { ImageReader } from "./image-reader.ts";
import { PackedReader, unpackedBytes } from "./packed-reader.ts";
import { PlainReader } from "./plain-reader.ts";
import { contentBytes, MOST_HEADER_BYTES } from "./zstd-frame.ts";

/** What is to be written. Opening looks at it, and reads no more than its beginning. */
export interface Image {
  path: string;
  /** Unpacked: what a card gets. */
  bytes: number;
  /** Hex SHA-256 of the file as it lies, from the file beside it; null: there is none. */
  toldDigest: string | null;
  read(): ImageReader;
}

/**
 * Finds out how large an image is. One packed by Zstandard that does not say it of itself is unpacked once for that.
 * Throws `image-missing`, `image-empty`, `image-digest-unfit`, `image-damaged`, `zstd-missing`.
 */
export async function openImage(file: string, signal: AbortSignal): Promise<Image> {
  const path = resolve(file);
  const stats = statOf(path);
  if (!stats.isFile()) throw new AgentError("image-missing", path);
  const toldDigest = digestBeside(path);
  if (stats.size === 0) throw new AgentError("image-empty", path);
  if (!path.endsWith(".zst"))
    return { path, bytes: stats.size, toldDigest, read: () => new PlainReader(path) };
  const bytes = contentBytes(beginningOf(path)) ?? (await unpackedBytes(path, signal));
  if (bytes === 0) throw new AgentError("image-empty", path);
  return { path, bytes, toldDigest, read: () => new PackedReader(path) };
}

/** Throws `image-damaged` when another digest of the file as it lies was told beside it. */
export function checkDigest({ path, toldDigest }: Image, digest: string): void {
  if (toldDigest !== null && toldDigest !== digest) {
    throw new AgentError("image-damaged", `${path}: ${digest}, not ${toldDigest} as ${path}.sha256 says`);
  }
}

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (cause) {
    throw new AgentError("image-missing", path, { cause });
  }
}

function beginningOf(path: string): Buffer {
  const fd = openSync(path, "r");
  try {
    const head = Buffer.alloc(MOST_HEADER_BYTES);
    return head.subarray(0, readSync(fd, head, 0, head.length, 0));
  } finally {
    closeSync(fd);
  }
}

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { AgentError } from "../../config/base/errors.ts";
import type { MediaStore } from "../../crypto/media/store.ts";
import { MAX_PART_BYTES, MAX_WINDOW_PARTS } from "../wire/limits.ts";
import type { Part } from "./outbox/outbox.ts";

const HASH_BUFFER_BYTES = 256 * 1024;

/**
 * Memory for parts, used again: V8 lets 32 MiB of buffers that nobody holds lie around before it collects
 * them. The one that came back last is taken first, so that few are ever filled to their end. What is not given
 * back is lost to the pool alone.
 */
export class PartMemory {
  readonly #free: Buffer[] = [];

  /** Room for the largest part; the bytes in it are anyone's. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(MAX_PART_BYTES);
  }

  /** To be called once, when nobody reads it any more. */
  giveBack(memory: Buffer): void {
    if (this.#free.length < MAX_WINDOW_PARTS) this.#free.push(memory);
  }
}

/** A part's bytes, read now, at the beginning of `memory`. Rejects with `media-unreadable` when the file is gone or too short. */
export async function readPart(
  media: MediaStore,
  { digest, offset, bytes }: Part,
  memory: Buffer,
): Promise<Buffer> {
  const place = `${digest} at ${offset}`;
  try {
    const file = await open(media.path(digest), "r");
    try {
      const { bytesRead } = await file.read(memory, 0, bytes, offset);
      if (bytesRead !== bytes)
        throw new AgentError("media-unreadable", `${place}: ${bytesRead} of ${bytes} bytes`);
      return memory.subarray(0, bytes);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw cause instanceof AgentError ? cause : new AgentError("media-unreadable", place, { cause });
  }
}

/** True if the file is there and its bytes still have the digest that is its name. */
export async function isIntact(media: MediaStore, digest: string): Promise<boolean> {
  try {
    const hash = createHash("sha256");
    const chunks = createReadStream(media.path(digest), { highWaterMark: HASH_BUFFER_BYTES });
    for await (const chunk of chunks) hash.update(chunk as Buffer);
    return hash.digest("hex") === digest;
  } catch {
    // unreadable is not intact: the caller raises the alarm
    return false;
  }
}

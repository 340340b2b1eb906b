import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { AgentError } from "../../config/base/errors.ts";
import type { MediaStore } from "../../crypto/media/store.ts";
import type { Part } from "./outbox/outbox.ts";

const HASH_BUFFER_BYTES = 256 * 1024;

/** A part's bytes, read now. Rejects with `media-unreadable` when the file is gone or too short. */
export async function readPart(media: MediaStore, { digest, offset, bytes }: Part): Promise<Buffer> {
  const place = `${digest} at ${offset}`;
  try {
    const file = await open(media.path(digest), "r");
    try {
      const buffer = Buffer.allocUnsafe(bytes);
      const { bytesRead } = await file.read(buffer, 0, bytes, offset);
      if (bytesRead !== bytes)
        throw new AgentError("media-unreadable", `${place}: ${bytesRead} of ${bytes} bytes`);
      return buffer;
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

import { createHash } from "node:crypto";
import { closeSync, fsyncSync, openSync, rmSync } from "node:fs";
import { writeFully } from "../../config/base/durable.ts";
import { AgentError } from "../../config/base/errors.ts";

/**
 * A media file that is being written, under a temporary name: its bytes are hashed on their way to the disk,
 * and only once they are durable does `MediaStore.adopt` give it the name that its digest is.
 */
export class MediaFile {
  readonly path: string;
  readonly #fd: number;
  readonly #hash = createHash("sha256");
  #bytes = 0;
  #isClosed = false;

  /** Creates `path`, which must not exist. */
  constructor(path: string) {
    this.path = path;
    try {
      this.#fd = openSync(path, "wx", 0o640);
    } catch (cause) {
      throw mediaFailure(path, cause);
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Hex SHA-256 of what was written so far. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }

  /** Throws `disk-full` or `media-write-failed`; the file is then fit for nothing but `discard`. */
  write(piece: Uint8Array): void {
    try {
      writeFully(this.#fd, piece);
    } catch (cause) {
      throw mediaFailure(this.path, cause);
    }
    this.#hash.update(piece);
    this.#bytes += piece.length;
  }

  /** Makes the bytes durable and ends the writing. Throws as `write` does. */
  sync(): void {
    try {
      fsyncSync(this.#fd);
    } catch (cause) {
      throw mediaFailure(this.path, cause);
    } finally {
      this.#close();
    }
  }

  /** Removes the file, unless it has got its name already. Never throws. */
  discard(): void {
    this.#close();
    try {
      rmSync(this.path, { force: true });
    } catch {
      // the next start removes what lies under a temporary name
    }
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeSync(this.#fd);
  }
}

/** What a failure to write media is: `disk-full`, or `media-write-failed`. */
export function mediaFailure(path: string, cause: unknown): AgentError {
  if (cause instanceof AgentError) return cause;
  const { code } = cause as NodeJS.ErrnoException;
  const isFull = code === "ENOSPC" || code === "EDQUOT";
  return new AgentError(isFull ? "disk-full" : "media-write-failed", path, { cause });
}

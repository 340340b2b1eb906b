import { createHash, type Hash } from "node:crypto";
import {
  closeSync,
  fdatasync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { writeFully } from "../../../../config/base/durable.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import { RangeSet } from "../../../bytes/ranges.ts";

const syncData = promisify(fdatasync);

/** Ranges of one file: a sender that goes in order needs one a gap, so more is mischief. */
const MAX_RANGES = 256;
const READ_BYTES = 256 * 1024;

/**
 * A media file on its way in: `partial/<digest>` and, beside it, which of its bytes are there.
 * Losing either is safe: what is not listed is asked for again, and what is listed wrongly is
 * found by the digest.
 */
export class PartialFile {
  readonly digest: string;
  /** Announced length. */
  readonly bytes: number;
  readonly path: string;
  readonly #listPath: string;
  readonly #held: RangeSet;
  /** Digest of the first `#hashed` bytes, so that a file sent in order is never read again. */
  #hash: Hash = createHash("sha256");
  #hashed = 0;
  #fd: number | null = null;
  #hasList = false;

  private constructor(directory: string, digest: string, bytes: number, held: RangeSet) {
    this.digest = digest;
    this.bytes = bytes;
    this.path = join(directory, digest);
    this.#listPath = `${this.path}.ranges`;
    this.#held = held;
  }

  /** Begins anew; the caller has removed what lay under this name. */
  static begin(directory: string, digest: string, bytes: number): PartialFile {
    return new PartialFile(directory, digest, bytes, new RangeSet());
  }

  /** Goes on with what an earlier run left. Null: nothing usable is there. */
  static restore(directory: string, digest: string, bytes: number): PartialFile | null {
    const path = join(directory, digest);
    try {
      const held = RangeSet.parse(JSON.parse(readFileSync(`${path}.ranges`, "utf8")), MAX_RANGES);
      const end = Math.min(statSync(path).size, bytes);
      const isBacked = [...held].every(([, to]) => to <= end);
      if (!isBacked) return null;
      const file = new PartialFile(directory, digest, bytes, held);
      file.#hasList = true;
      return file;
    } catch {
      // a torn list, or a list without its file
      return null;
    }
  }

  /** Byte ranges held; durable once `sync` has resolved. */
  get held(): RangeSet {
    return this.#held;
  }

  get isWhole(): boolean {
    return this.#held.covers(0, this.bytes);
  }

  /** Bytes sent again overwrite. Throws `too-many-gaps`, or the error of the system call. */
  write(offset: number, part: Uint8Array): void {
    const end = offset + part.length;
    if (this.#held.count >= MAX_RANGES && !this.#touchesHeld(offset, end)) {
      throw new AgentError("too-many-gaps", `${this.digest} at ${offset}`);
    }
    this.#fd ??= openSync(this.path, this.#held.count === 0 ? "w+" : "r+", 0o640);
    writeFully(this.#fd, part, offset);
    this.#held.add(offset, end);
    this.#follow(offset, part);
  }

  /** Resolves when every byte written is durable; the file is then closed until the next write. */
  async sync(): Promise<void> {
    const fd = this.#fd;
    if (fd === null) return;
    try {
      await syncData(fd);
    } finally {
      closeSync(fd);
      this.#fd = null;
    }
  }

  /** True if the bytes are what the name says. Call when whole and synced. */
  matchesDigest(): boolean {
    if (this.#hashed < this.bytes) this.#hashRest();
    return this.#hash.copy().digest("hex") === this.digest;
  }

  /** Notes what is held, after it was made durable. Not synced itself: a lost list costs a resend. */
  saveList(): void {
    const temporary = `${this.#listPath}.new`;
    writeFileSync(temporary, JSON.stringify(this.#held), { mode: 0o640 });
    renameSync(temporary, this.#listPath);
    this.#hasList = true;
  }

  /** The file has its final name: only the list is left. */
  dropList(): void {
    if (this.#hasList) rmSync(this.#listPath);
    this.#hasList = false;
  }

  /** Forgets the file. List first: bytes without a list are never believed. */
  remove(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
    this.dropList();
    rmSync(this.path, { force: true });
  }

  #touchesHeld(from: number, to: number): boolean {
    return [...this.#held].some(([start, end]) => from <= end && start <= to);
  }

  #follow(offset: number, part: Uint8Array): void {
    if (offset < this.#hashed) {
      // hashed bytes were overwritten
      this.#hash = createHash("sha256");
      this.#hashed = 0;
    }
    if (offset !== this.#hashed) return;
    this.#hash.update(part);
    this.#hashed += part.length;
  }

  #hashRest(): void {
    const fd = openSync(this.path, "r");
    try {
      const buffer = Buffer.allocUnsafe(READ_BYTES);
      while (this.#hashed < this.bytes) {
        const wanted = Math.min(READ_BYTES, this.bytes - this.#hashed);
        const read = readSync(fd, buffer, 0, wanted, this.#hashed);
        if (read === 0) return;
        this.#hash.update(buffer.subarray(0, read));
        this.#hashed += read;
      }
    } finally {
      closeSync(fd);
    }
  }
}

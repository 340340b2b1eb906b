import { createHash, type Hash } from "node:crypto";
import { close, constants, fdatasync, ftruncateSync, openSync, rmSync, write } from "node:fs";
import { promisify } from "node:util";
import { AgentError } from "../../config/base/errors.ts";
import { BLOCK_BYTES, type Blocks } from "./blocks.ts";
import { mediaFailure } from "./media-file.ts";

const syncData = promisify(fdatasync);
const closeLater = promisify(close);

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
const MODE = 0o640;
/** Where a write begins, and how long it is, in bytes: a multiple of every common disk's sector. */
const ALIGNMENT = 4096;

/**
 * A media file that is being written past the page cache (O_DIRECT), under a temporary name: what an import
 * brings is more than memory holds, and nobody reads it soon. While one block is on its way to the disk the
 * next is filled. Where the file system has no such way, the page cache is used after all.
 */
export class DirectFile {
  readonly path: string;
  readonly #blocks: Blocks;
  readonly #hash: Hash;
  #fd: number;
  #isDirect = true;
  #bytes = 0;
  /** Taken for `#filled` bytes that are not on their way yet; they belong at `#position`. */
  #block: Uint8Array | null = null;
  #filled = 0;
  #position = 0;
  /** What is left of a block that was given back. */
  #rest = new Uint8Array(0);
  /** The writes so far, one after the other. Never rejects: `#failure` tells. */
  #written: Promise<void> = Promise.resolve();
  #failure: { error: unknown } | null = null;
  #synced: Promise<void> | null = null;
  #closed: Promise<void> | null = null;

  /**
   * Creates `path`, which must not exist; throws `disk-full` or `media-write-failed`. A caller that hashes the
   * same bytes for a digest of its own gives that hash, so that they are hashed once.
   */
  constructor(path: string, blocks: Blocks, hash: Hash = createHash("sha256")) {
    this.path = path;
    this.#blocks = blocks;
    this.#hash = hash;
    this.#fd = this.#create();
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Hex SHA-256 of what was written so far. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }

  /** Memory for what comes next, at least one byte; `took` says how much of its beginning was filled. */
  room(): Uint8Array {
    return this.#openBlock().subarray(this.#filled);
  }

  /**
   * Takes over the first `bytes` of what `room` answered last. Null: give more; a promise: the disk is behind,
   * wait for it. Throws `disk-full` or `media-write-failed`, also for what was given earlier; the file is then
   * fit for nothing but `discard`.
   */
  took(bytes: number): Promise<void> | null {
    if (this.#failure !== null) throw this.#failure.error;
    const block = this.#openBlock();
    this.#hash.update(block.subarray(this.#filled, this.#filled + bytes));
    this.#bytes += bytes;
    this.#filled += bytes;
    return this.#filled === BLOCK_BYTES ? this.#send(BLOCK_BYTES) : null;
  }

  /** The same for a piece that lies elsewhere, of any length; it may be reused at once. */
  write(piece: Uint8Array): Promise<void> | null {
    let behind: Promise<void> | null = null;
    for (let at = 0; at < piece.length; ) {
      const room = this.room();
      const part = piece.subarray(at, at + room.length);
      room.set(part);
      behind = this.took(part.length) ?? behind;
      at += part.length;
    }
    return behind;
  }

  /** Holds no block while nothing comes. */
  park(): void {
    if (this.#block === null) return;
    const whole = this.#filled - (this.#filled % ALIGNMENT);
    this.#rest = this.#block.slice(whole, this.#filled);
    if (whole === 0) this.#giveBack();
    else void this.#send(whole);
  }

  /** Makes the bytes durable and ends the writing. Rejects as `write` throws; asked for twice, it is done once. */
  sync(): Promise<void> {
    this.#synced ??= this.#sync();
    return this.#synced;
  }

  /** Removes the file, unless it has got its name already. Never throws. */
  discard(): void {
    this.#failure ??= { error: new AgentError("media-write-failed", `${this.path}: given up`) };
    this.#giveBack();
    // who syncs closes by itself
    if (this.#synced === null) void this.#close();
    try {
      rmSync(this.path, { force: true });
    } catch {
      // the next start removes what lies under a temporary name
    }
  }

  async #sync(): Promise<void> {
    try {
      if (this.#block !== null || this.#rest.length > 0) {
        this.#openBlock();
        void this.#send(this.#filled);
      }
      await this.#written;
      if (this.#failure !== null) throw this.#failure.error;
      // the last block was written to its alignment
      ftruncateSync(this.#fd, this.#bytes);
      await syncData(this.#fd);
    } catch (cause) {
      throw mediaFailure(this.path, cause);
    } finally {
      await this.#close();
    }
  }

  #create(): number {
    try {
      return openSync(this.path, CREATE | constants.O_DIRECT, MODE);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EINVAL") throw mediaFailure(this.path, cause);
    }
    // some file systems say no only after they made it
    rmSync(this.path, { force: true });
    this.#isDirect = false;
    try {
      return openSync(this.path, CREATE, MODE);
    } catch (cause) {
      throw mediaFailure(this.path, cause);
    }
  }

  #openBlock(): Uint8Array {
    if (this.#block !== null) return this.#block;
    this.#block = this.#blocks.take();
    this.#block.set(this.#rest);
    this.#filled = this.#rest.length;
    this.#rest = new Uint8Array(0);
    return this.#block;
  }

  /** Sends the block's first bytes on their way, after what was sent before; resolves when that is written. */
  #send(bytes: number): Promise<void> {
    const before = this.#written;
    const block = this.#block as Uint8Array;
    const position = this.#position;
    this.#block = null;
    this.#filled = 0;
    this.#position += bytes;
    this.#written = before.then(async () => {
      try {
        if (this.#failure === null) await this.#writeBlock(block, bytes, position);
      } catch (cause) {
        this.#failure ??= { error: mediaFailure(this.path, cause) };
      }
      this.#blocks.giveBack(block);
    });
    return before;
  }

  async #writeBlock(block: Uint8Array, bytes: number, position: number): Promise<void> {
    const padded = this.#isDirect ? Math.ceil(bytes / ALIGNMENT) * ALIGNMENT : bytes;
    // nothing of another file behind this one's end
    block.fill(0, bytes, padded);
    try {
      await writeFully(this.#fd, block.subarray(0, padded), position);
    } catch (cause) {
      // the disk wants another alignment
      if (!this.#isDirect || (cause as NodeJS.ErrnoException).code !== "EINVAL") throw cause;
      await this.#leaveDirect();
      await writeFully(this.#fd, block.subarray(0, bytes), position);
    }
  }

  async #leaveDirect(): Promise<void> {
    const direct = this.#fd;
    this.#fd = openSync(this.path, constants.O_WRONLY);
    this.#isDirect = false;
    await closeLater(direct);
  }

  #giveBack(): void {
    if (this.#block !== null) this.#blocks.giveBack(this.#block);
    this.#block = null;
    this.#filled = 0;
  }

  #close(): Promise<void> {
    // a write that is under way needs its descriptor
    this.#closed ??= this.#written.then(() => closeLater(this.#fd)).catch(() => {});
    return this.#closed;
  }
}

/** Writes all of `bytes`, whatever the size of the single writes. */
async function writeFully(fd: number, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += await writeSome(fd, bytes.subarray(done), position + done);
}

function writeSome(fd: number, bytes: Uint8Array, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, 0, bytes.length, position, (error, written) => {
      if (error === null) resolve(written);
      else reject(error);
    });
  });
}

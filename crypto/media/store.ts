import { createHash, type Hash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { syncDirectory, syncDirectoryLater } from "../../config/base/durable.ts";
import { AgentError } from "../../config/base/errors.ts";
import { type Random, uuid } from "../../config/base/random.ts";
import { isDigestHex } from "../bytes/digest.ts";
import type { Blocks } from "./blocks.ts";
import { DirectFile } from "./direct-file.ts";
import { MediaFile, mediaFailure } from "./media-file.ts";

/**
 * Content-addressed durable files (ledger-format §8): `media/<first two hex digits>/<digest>`.
 * A name cannot be wrong, and what is stored twice is stored once.
 */
export class MediaStore {
  readonly #dataDir: string;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** Where the bytes of a digest (hex) lie or would lie. */
  path(digest: string): string {
    return join(this.#dataDir, "media", digest.slice(0, 2), digest);
  }

  /** Stored length, or null when it is not there. */
  bytes(digest: string): number | null {
    return statSync(this.path(digest), { throwIfNoEntry: false })?.size ?? null;
  }

  /** Bytes that an unprivileged writer may still use on this file system. */
  freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.#dataDir);
    return bavail * bsize;
  }

  /** Size of the disk that it lies on. */
  totalBytes(): number {
    const { blocks, bsize } = statfsSync(this.#dataDir);
    return blocks * bsize;
  }

  /**
   * Writes `content` under its digest: temporary name, fsync, rename, fsync of the directory.
   * `beforeNaming` runs between fsync and rename. Throws `disk-full` when fewer than
   * `keepFreeBytes` would remain, or when the disk says so; `media-write-failed` otherwise.
   */
  put(
    content: readonly Uint8Array[],
    options: { random: Random; keepFreeBytes: number; beforeNaming?: (digest: string) => void },
  ): { digest: string; bytes: number } {
    const bytes = content.reduce((sum, part) => sum + part.length, 0);
    this.requireRoom(bytes, options.keepFreeBytes);
    const file = new MediaFile(this.#temporaryPath(options.random));
    try {
      for (const part of content) file.write(part);
      file.sync();
      const digest = file.digest();
      options.beforeNaming?.(digest);
      this.adopt(file.path, digest);
      return { digest, bytes };
    } catch (cause) {
      file.discard();
      throw mediaFailure(file.path, cause);
    }
  }

  /** Throws `disk-full` when fewer than `keepFreeBytes` would remain beside `bytes` more. */
  requireRoom(bytes: number, keepFreeBytes: number): void {
    const free = this.freeBytes();
    if (free - bytes >= keepFreeBytes) return;
    const place = join(this.#dataDir, "partial");
    throw new AgentError("disk-full", `${place}: ${free} bytes free, ${keepFreeBytes} kept back`);
  }

  /** A new file under a temporary name, for content that comes piece by piece. `hash` as for `DirectFile`. */
  begin(random: Random, blocks: Blocks, hash?: Hash): DirectFile {
    return new DirectFile(this.#temporaryPath(random), blocks, hash);
  }

  /** Gives an already synced file of this file system its name, durably. */
  adopt(file: string, digest: string): void {
    const directory = this.#directory("media", digest.slice(0, 2));
    renameSync(file, this.path(digest));
    syncDirectory(directory);
  }

  /**
   * The same for a file that is written and not yet synced, while this thread does something else. What the
   * store has already is not kept twice: the new file goes, and its intent is not needed.
   */
  async adoptLater(file: DirectFile, digest: string, intent: string): Promise<void> {
    try {
      const directory = this.#directory("media", digest.slice(0, 2));
      if (this.bytes(digest) === file.bytes) {
        file.discard();
      } else {
        await file.sync();
        this.writeIntent(digest, intent);
        renameSync(file.path, this.path(digest));
      }
      await syncDirectoryLater(directory);
    } catch (cause) {
      throw mediaFailure(file.path, cause);
    }
  }

  /** Deletes a file and makes its absence durable. The caller has signed why. */
  remove(digest: string): void {
    rmSync(this.path(digest), { force: true });
    const directory = join(this.#dataDir, "media", digest.slice(0, 2));
    if (existsSync(directory)) syncDirectory(directory);
  }

  /** True if a stored file begins with `text` (ASCII). */
  startsWith(digest: string, text: string): boolean {
    const fd = openSync(this.path(digest), "r");
    try {
      const head = Buffer.alloc(text.length);
      return readSync(fd, head, 0, head.length, 0) === head.length && head.toString("latin1") === text;
    } finally {
      closeSync(fd);
    }
  }

  /** Moves a file that no name can be trusted for out of the way, never deleting it. */
  quarantine(file: string, name: string): void {
    const directory = this.#directory("quarantine");
    renameSync(file, join(directory, name));
    syncDirectory(directory);
  }

  /** Every file below `media/`: its name and path. */
  *files(): Generator<{ name: string; path: string }> {
    const root = join(this.#dataDir, "media");
    if (!existsSync(root)) return;
    for (const prefix of readdirSync(root).sort()) {
      const directory = join(root, prefix);
      if (!statSync(directory).isDirectory()) {
        yield { name: prefix, path: directory };
        continue;
      }
      for (const name of readdirSync(directory).sort()) yield { name, path: join(directory, name) };
    }
  }

  /** Notes what a media file was about to be named for; not synced, since a power cut loses the file too. */
  writeIntent(digest: string, intent: string): void {
    writeFileSync(this.#intentPath(digest), intent, { mode: 0o600 });
  }

  readIntent(digest: string): string | null {
    const path = this.#intentPath(digest);
    return existsSync(path) ? readFileSync(path, "utf8") : null;
  }

  dropIntent(digest: string): void {
    rmSync(this.#intentPath(digest), { force: true });
  }

  /** Removes what an interrupted `put` left: unnamed, so nothing was promised about it. */
  clearTemporary(): number {
    const partial = this.#directory("partial");
    const left = readdirSync(partial).filter((name) => name.endsWith(".tmp") || name.endsWith(".intent"));
    for (const name of left) unlinkSync(join(partial, name));
    return left.length;
  }

  #temporaryPath(random: Random): string {
    return join(this.#directory("partial"), `${uuid(random)}.tmp`);
  }

  #intentPath(digest: string): string {
    return join(this.#dataDir, "partial", `${digest}.intent`);
  }

  /** Makes a directory below the data directory, durably, with the parents it needs. */
  #directory(...names: string[]): string {
    let path = this.#dataDir;
    for (const name of names) {
      const parent = path;
      path = join(path, name);
      if (existsSync(path)) continue;
      // not an error where another thread was faster
      mkdirSync(path, { mode: 0o750, recursive: true });
      syncDirectory(parent);
    }
    return path;
  }
}

/** SHA-256 (hex) of a file's bytes, in bounded memory. */
export function digestFile(path: string): string {
  const hash = createHash("sha256");
  const fd = openSync(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(256 * 1024);
    for (let n = readSync(fd, buffer); n > 0; n = readSync(fd, buffer)) hash.update(buffer.subarray(0, n));
  } finally {
    closeSync(fd);
  }
  return hash.digest("hex");
}

/** True for a file below `media/` whose name is a digest in its own prefix directory. */
export function isMediaName(name: string, path: string): boolean {
  return isDigestHex(name) && path.endsWith(join(name.slice(0, 2), name));
}

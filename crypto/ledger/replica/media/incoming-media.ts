import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AgentError } from "../../../../config/base/errors.ts";
import { isDigestHex } from "../../../bytes/digest.ts";
import type { RangeSet } from "../../../bytes/ranges.ts";
import type { MediaStore } from "../../../media/store.ts";
import { PartialFile } from "./partial-file.ts";

/** Unfinished files kept; the one that was touched longest ago gives way, and is sent again one day. */
const MAX_UNFINISHED = 64;

/** What became of the files that were written to. */
export interface Settled {
  /** Checked, durable and under their final name. */
  whole: string[];
  /** Their bytes were not what the name says: dropped. */
  damaged: string[];
  /** The disk refused them: dropped. */
  failed: { digest: string; error: AgentError }[];
}

/** Media on its way in: parts in any order, made durable together, named when whole. */
export class IncomingMedia {
  readonly #directory: string;
  readonly #media: MediaStore;
  readonly #keepFreeBytes: number;
  /** Least recently touched first. */
  readonly #files = new Map<string, PartialFile>();
  readonly #touched = new Set<PartialFile>();

  private constructor(directory: string, media: MediaStore, keepFreeBytes: number) {
    this.#directory = directory;
    this.#media = media;
    this.#keepFreeBytes = keepFreeBytes;
  }

  /** Goes on with unfinished files that are still wanted: `wantedBytes` gives their length, or null. */
  static open(
    dataDir: string,
    media: MediaStore,
    keepFreeBytes: number,
    wantedBytes: (digest: string) => number | null,
  ): IncomingMedia {
    const directory = join(dataDir, "partial");
    mkdirSync(directory, { recursive: true, mode: 0o750 });
    const incoming = new IncomingMedia(directory, media, keepFreeBytes);
    const names = readdirSync(directory).sort();
    for (const digest of names.filter(isDigestHex).slice(0, MAX_UNFINISHED)) {
      const bytes = wantedBytes(digest);
      const file = bytes === null ? null : PartialFile.restore(directory, digest, bytes);
      if (file !== null) incoming.#files.set(digest, file);
    }
    for (const name of names) {
      const belongs = incoming.#files.has(name) || incoming.#files.has(name.replace(/\.ranges$/, ""));
      if (!belongs) rmSync(join(directory, name), { force: true });
    }
    return incoming;
  }

  /** Ranges held of an unfinished file; null: nothing of it is. */
  heldOf(digest: string): RangeSet | null {
    return this.#files.get(digest)?.held ?? null;
  }

  /** Unfinished files, the last touched first. */
  unfinished(): [digest: string, held: RangeSet][] {
    return [...this.#files.values()].reverse().map((file) => [file.digest, file.held]);
  }

  /** Takes a part of a file of `bytes`; nothing is durable before `settle`. Throws `disk-full`, `too-many-gaps` or `media-write-failed`. */
  write(digest: string, bytes: number, offset: number, part: Uint8Array): void {
    const free = this.#media.freeBytes();
    if (free - part.length < this.#keepFreeBytes) {
      throw new AgentError("disk-full", `${free} bytes free, ${this.#keepFreeBytes} kept back`);
    }
    const file = this.#files.get(digest) ?? PartialFile.begin(this.#directory, digest, bytes);
    this.#files.delete(digest);
    this.#files.set(digest, file);
    this.#touched.add(file);
    try {
      file.write(offset, part);
    } catch (cause) {
      throw writeError(cause, file.path);
    }
    this.#forgetOldest();
  }

  /** Makes durable what was written since the last time, all files at once, and names the whole ones. */
  async settle(): Promise<Settled> {
    const files = [...this.#touched];
    this.#touched.clear();
    const synced = await Promise.allSettled(files.map((file) => file.sync()));
    const settled: Settled = { whole: [], damaged: [], failed: [] };
    for (const [i, file] of files.entries()) {
      const outcome = synced[i] as PromiseSettledResult<void>;
      try {
        if (outcome.status === "rejected") throw outcome.reason;
        this.#place(file, settled);
      } catch (cause) {
        // what a failed fsync left is unknown: only the device's copy is good now
        this.#drop(file);
        settled.failed.push({ digest: file.digest, error: writeError(cause, file.path) });
      }
    }
    return settled;
  }

  #place(file: PartialFile, settled: Settled): void {
    if (!file.isWhole) {
      file.saveList();
    } else if (file.matchesDigest()) {
      this.#media.adopt(file.path, file.digest);
      file.dropList();
      this.#files.delete(file.digest);
      settled.whole.push(file.digest);
    } else {
      this.#drop(file);
      settled.damaged.push(file.digest);
    }
  }

  #drop(file: PartialFile): void {
    this.#files.delete(file.digest);
    file.remove();
  }

  #forgetOldest(): void {
    for (const file of this.#files.values()) {
      if (this.#files.size <= MAX_UNFINISHED) return;
      this.#touched.delete(file);
      this.#drop(file);
    }
  }
}

function writeError(cause: unknown, path: string): AgentError {
  if (cause instanceof AgentError) return cause;
  const isFull = (cause as NodeJS.ErrnoException).code === "ENOSPC";
  return new AgentError(isFull ? "disk-full" : "media-write-failed", path, { cause });
}

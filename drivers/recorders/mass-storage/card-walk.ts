import type { Dir, Stats } from "node:fs";
import { lstat, opendir, statfs } from "node:fs/promises";
import { AgentError } from "../../../config/base/errors.ts";
import { type Listed, MAX_DEPTH, MAX_FILE_BYTES, MAX_LISTED, type SkipReason } from "../recorder-driver.ts";
import { claimBelow, handleOf, isUsableName, MAX_PATH_BYTES, under } from "./card-path.ts";
import { claimedTime } from "./card-times.ts";
import { claimOf } from "./claimed-name.ts";
import { cardFailure } from "./failures.ts";
import type { MountedCard, Volume } from "./mount/card.ts";

export interface WalkOptions {
  card: MountedCard;
  utcOffsetMin: number;
  /** No listing is longer; MAX_LISTED is what it is for recorders. */
  maxListed?: number;
}

/** A folder that is still to be read: its path below the root, and the folders it lies in. */
interface Folder {
  below: Buffer;
  depth: number;
  inode: number;
  parent: Folder | null;
}

/** Names of one folder that are read at once: what an endless folder may cost in memory. */
const NAMES_AT_ONCE = 256;
/** More bytes than this many times the card: files that share clusters are told, a fiction is not believed. */
const MAX_TIMES_CARD = 4;

/**
 * Everything on a card, one system call at a time off the event loop, never through a link and never onto another file
 * system. What is no file, or cannot be read, is told as skipped. Throws `recorder-listing` for more than
 * MAX_LISTED names, a folder that lies within itself, and more bytes than any such card holds; `recorder-gone`.
 */
export async function* walkCard(
  { card, utcOffsetMin, maxListed = MAX_LISTED }: WalkOptions,
  signal: AbortSignal,
): AsyncGenerator<Listed> {
  signal.throwIfAborted();
  if (!card.isThere()) throw new AgentError("recorder-gone", "the card");
  for (const name of card.unreadable)
    yield { kind: "skipped", path: claimOf(Buffer.from(name)), reason: "unreadable" };
  const bounds = { names: 0, most: maxListed };
  for (const [index, volume] of card.volumes.entries()) {
    yield* new VolumeWalk(card, volume, index, utcOffsetMin, bounds).run(signal);
  }
}

class VolumeWalk {
  readonly #card: MountedCard;
  readonly #volume: Volume;
  readonly #index: number;
  readonly #utcOffsetMin: number;
  readonly #bounds: { names: number; most: number };
  readonly #root: Buffer;
  #device = 0;
  #capacityBytes = 0;
  #claimedBytes = 0;

  constructor(
    card: MountedCard,
    volume: Volume,
    index: number,
    utcOffsetMin: number,
    bounds: { names: number; most: number },
  ) {
    this.#card = card;
    this.#volume = volume;
    this.#index = index;
    this.#utcOffsetMin = utcOffsetMin;
    this.#bounds = bounds;
    this.#root = Buffer.from(volume.root);
  }

  async *run(signal: AbortSignal): AsyncGenerator<Listed> {
    const waiting: Folder[] = [await this.#open()];
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      let dir: Dir;
      try {
        dir = await opendir(this.#pathOf(folder.below), { encoding: BYTES, bufferSize: NAMES_AT_ONCE });
      } catch (error) {
        yield this.#unreadable(folder.below, error);
        continue;
      }
      try {
        for (;;) {
          signal.throwIfAborted();
          const name = await nextName(dir);
          if (name === null) break;
          if (name instanceof Error) {
            // what this folder holds beyond is not known: the folder is told beside the files that were read
            yield this.#unreadable(folder.below, name);
            break;
          }
          const found = await this.#look(folder, name);
          if ("kind" in found) yield found;
          else waiting.push(found);
        }
      } finally {
        await dir.close().catch(() => {});
      }
    }
    // a card that was pulled out lists like an empty one
    if (!this.#card.isThere()) throw new AgentError("recorder-gone", this.#volume.root);
  }

  async #open(): Promise<Folder> {
    try {
      const stats = await lstat(this.#root);
      const { blocks, bsize } = await statfs(this.#root);
      this.#device = stats.dev;
      this.#capacityBytes = blocks * bsize;
      return { below: Buffer.alloc(0), depth: 0, inode: stats.ino, parent: null };
    } catch (error) {
      throw cardFailure(error, this.#volume.root, this.#card);
    }
  }

  /** A name of a folder: a file, something that is left alone, or a folder to read. */
  async #look(folder: Folder, name: Buffer): Promise<Listed | Folder> {
    if (++this.#bounds.names > this.#bounds.most) throw this.#endless(`more than ${this.#bounds.most} names`);
    const below = folder.below.length === 0 ? name : under(folder.below, name);
    if (!isUsableName(name)) return this.#skipped(below, "name-unusable");
    if (below.length > MAX_PATH_BYTES) return this.#skipped(below, "too-deep");
    let stats: Stats;
    try {
      stats = await lstat(this.#pathOf(below));
    } catch (error) {
      return this.#unreadable(below, error);
    }
    if (stats.isSymbolicLink()) return this.#skipped(below, "symlink");
    if (stats.dev !== this.#device) return this.#skipped(below, "other-filesystem");
    if (stats.isFile()) return this.#file(below, stats);
    if (!stats.isDirectory()) return this.#skipped(below, "special-file");
    if (folder.depth === MAX_DEPTH) return this.#skipped(below, "too-deep");
    for (let above: Folder | null = folder; above !== null; above = above.parent) {
      if (above.inode === stats.ino) throw this.#endless(`${claimOf(below)} lies within itself`);
    }
    return { below, depth: folder.depth + 1, inode: stats.ino, parent: folder };
  }

  #file(below: Buffer, { size, mtimeMs }: Stats): Listed {
    // a sparse file that the card could not hold: nothing but holes
    if (size > this.#capacityBytes || size > MAX_FILE_BYTES) return this.#skipped(below, "unreadable");
    this.#claimedBytes += size;
    if (this.#claimedBytes > MAX_TIMES_CARD * this.#capacityBytes) {
      throw this.#endless(`more than ${MAX_TIMES_CARD} times the card's ${this.#capacityBytes} bytes`);
    }
    const modifiedMs = claimedTime(mtimeMs, this.#volume.times, this.#utcOffsetMin);
    return {
      kind: "file",
      file: {
        handle: handleOf(this.#index, below),
        path: this.#claim(below),
        bytes: size,
        ...(modifiedMs === undefined ? {} : { modifiedMs }),
      },
    };
  }

  #skipped(below: Buffer, reason: SkipReason): Listed {
    return { kind: "skipped", path: this.#claim(below), reason };
  }

  /** Told as skipped if the card is still there; else throws `recorder-gone`. */
  #unreadable(below: Buffer, error: unknown): Listed {
    const failure = cardFailure(error, this.#claim(below), this.#card);
    if (failure.code === "recorder-gone") throw failure;
    return this.#skipped(below, "unreadable");
  }

  #claim(below: Buffer): string {
    return claimBelow(this.#card, this.#index, below);
  }

  #pathOf(below: Buffer): Buffer {
    return below.length === 0 ? this.#root : under(this.#root, below);
  }

  #endless(why: string): AgentError {
    return new AgentError("recorder-listing", `${this.#volume.root}: ${why}`);
  }
}

/** node's types know no listing of bytes, though it gives one. */
const BYTES = "buffer" as BufferEncoding;

/** The next name of a folder, null at its end, and the error that ended it. */
async function nextName(dir: Dir): Promise<Buffer | Error | null> {
  try {
    const entry = await dir.read();
    return entry === null ? null : (entry.name as unknown as Buffer);
  } catch (error) {
    return error as Error;
  }
}

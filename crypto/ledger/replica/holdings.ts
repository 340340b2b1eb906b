import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { syncDirectory } from "../../../config/base/durable.ts";
import { RangeSet } from "../../bytes/ranges.ts";
import { digestFile, type MediaStore } from "../../media/store.ts";
import type { LedgerReader } from "../db/reader.ts";
import type { MediaRow } from "../db/tables/media.ts";

const BATCH = 512;

/**
 * Whose media is here: derived from the entries, the stored receipts (which cover nothing that was not
 * durable) and, for what no receipt covers yet, the files themselves.
 */
export class Holdings {
  readonly #reader: LedgerReader;
  readonly #media: MediaStore;
  /** Seqs whose media is held; those without media count as held. */
  readonly held: RangeSet;
  /** Held media that no receipt covers. */
  fresh = new RangeSet();
  #size: number;

  private constructor(reader: LedgerReader, media: MediaStore, receipted: RangeSet) {
    this.#reader = reader;
    this.#media = media;
    this.held = RangeSet.of(receipted);
    this.#size = reader.size();
  }

  /** Looks through what `receipted` does not cover. */
  static survey(reader: LedgerReader, media: MediaStore, receipted: RangeSet): Holdings {
    const holdings = new Holdings(reader, media, receipted);
    for (const [from, to] of receipted.missing(0, reader.size())) holdings.#take(from, to);
    return holdings;
  }

  /** Takes in the entries that are new in the ledger; answers the seqs whose media was held already. */
  grow(): number[] {
    const from = this.#size;
    this.#size = this.#reader.size();
    return this.#take(from, this.#size);
  }

  /** The file of this digest is durable under its name; answers the seqs of all entries that name it. */
  complete(digest: string): number[] {
    const seqs = this.#reader.media.naming(digest).map(({ seq }) => seq);
    for (const seq of seqs) this.#hold(seq);
    return seqs;
  }

  /** True if the file that this row names is held, under whatever entry. */
  holds(row: MediaRow): boolean {
    return this.held.has(row.seq);
  }

  /** Entries whose media is missing, newest first, at most `limit`. */
  missing(limit: number): MediaRow[] {
    const rows: MediaRow[] = [];
    for (const [from, to] of [...this.held.missing(0, this.#size)].reverse()) {
      if (rows.length >= limit) break;
      rows.push(...this.#reader.media.within(from, to, "newest", limit - rows.length));
    }
    return rows;
  }

  /** How many entries lack their media. */
  get missingCount(): number {
    return this.held.missing(0, this.#size).size;
  }

  #take(from: number, to: number): number[] {
    const found: number[] = [];
    for (let at = from; at < to; ) {
      const rows = this.#reader.media.within(at, to, "oldest", BATCH);
      for (const { seq, digest } of rows) {
        this.held.add(at, seq);
        at = seq + 1;
        if (!this.#isHere(seq, digest)) continue;
        this.#hold(seq);
        found.push(seq);
      }
      if (rows.length < BATCH) {
        this.held.add(at, to);
        at = to;
      }
    }
    return found;
  }

  #hold(seq: number): void {
    this.held.add(seq, seq + 1);
    this.fresh.add(seq, seq + 1);
  }

  /** True once the file is known to be right and durable; one that is wrong is moved away. */
  #isHere(seq: number, digest: string): boolean {
    const first = this.#reader.media.firstNaming(digest);
    // a later entry's file is here exactly when the first entry's is
    if (first !== null && first.seq < seq) return this.held.has(first.seq);
    const path = this.#media.path(digest);
    if (!existsSync(path)) return false;
    if (digestFile(path) !== digest) {
      this.#media.quarantine(path, digest);
      return false;
    }
    // the run that named it may have ended before its directory was synced
    syncDirectory(dirname(path));
    return true;
  }
}

import type { Range } from "../../../bytes/ranges.ts";
import type { Db } from "../schema.ts";

/** An entry that names media. */
export interface MediaRow {
  seq: number;
  /** Hex. */
  digest: string;
  bytes: number;
  type: string;
  rec: string | null;
  purged: boolean;
}

export type MediaOrder = "oldest" | "newest";

const MEDIA_COLUMNS = "seq, lower(hex(digest)) AS digest, bytes, type, rec, purged <> 0 AS purged";
type RawMediaRow = Omit<MediaRow, "purged"> & { purged: number };
const toMediaRow = (row: RawMediaRow): MediaRow => ({ ...row, purged: row.purged !== 0 });

/** Entries that name media, by seq, recording and digest. */
export class MediaIndex {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Db) {
    this.#statements = prepare(db);
  }

  at(seq: number): MediaRow | null {
    const row = this.#statements.at.get(seq) as RawMediaRow | undefined;
    return row === undefined ? null : toMediaRow(row);
  }

  /** Entries with seq in `[from, to)` that name media. */
  within(from: number, to: number, order: MediaOrder, limit: number): MediaRow[] {
    const statement = order === "oldest" ? this.#statements.oldest : this.#statements.newest;
    return (statement.all(from, to, limit) as RawMediaRow[]).map(toMediaRow);
  }

  /**
   * Media that may be purged and was not, with seq in `[from, to)`, oldest first. Templates stay: activities are held
   * against theirs for as long as they are open.
   */
  kept(from: number, to: number, limit: number): MediaRow[] {
    return (this.#statements.kept.all(from, to, limit) as RawMediaRow[]).map(toMediaRow);
  }

  /** Photos and documents in `[from, to)`, oldest first. */
  documentsWithin(from: number, to: number, limit: number): MediaRow[] {
    return (this.#statements.documents.all(from, to, limit) as RawMediaRow[]).map(toMediaRow);
  }

  /** Media of one recording with seq in `[from, to)`, oldest first. */
  of(rec: string, from = 0, to = Number.MAX_SAFE_INTEGER, limit = -1): MediaRow[] {
    return (this.#statements.of.all(rec, from, to, limit) as RawMediaRow[]).map(toMediaRow);
  }

  /** Every entry that names this digest (hex), oldest first. */
  naming(digest: string): MediaRow[] {
    return (this.#statements.naming.all(Buffer.from(digest, "hex")) as RawMediaRow[]).map(toMediaRow);
  }

  /**
   * Bytes that entries with a seq in these ranges name and that are not purged, a file named twice counting twice,
   * and the first of those seqs; null: there is no such entry.
   */
  sumWithin(ranges: Iterable<Range>): { bytes: number; firstSeq: number | null } {
    let bytes = 0;
    let firstSeq: number | null = null;
    for (const [from, to] of ranges) {
      bytes += this.#statements.bytes.get(from, to) as number;
      const [row] = this.within(from, to, "oldest", 1);
      if (row !== undefined) firstSeq = Math.min(firstSeq ?? row.seq, row.seq);
    }
    return { bytes, firstSeq };
  }

  /** The first entry that names this digest (hex); null where none does. */
  firstNaming(digest: string): MediaRow | null {
    const row = this.#statements.firstNaming.get(Buffer.from(digest, "hex")) as RawMediaRow | undefined;
    return row === undefined ? null : toMediaRow(row);
  }

  /** How many distinct media files entries name, and their bytes together. */
  totals(): { files: number; bytes: number } {
    return this.#statements.totals.get() as { files: number; bytes: number };
  }
}

function prepare(db: Db) {
  return {
    at: db.prepare(`SELECT ${MEDIA_COLUMNS} FROM media WHERE seq = ?`),
    oldest: db.prepare(`SELECT ${MEDIA_COLUMNS} FROM media WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?`),
    newest: db.prepare(
      `SELECT ${MEDIA_COLUMNS} FROM media WHERE seq >= ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
    ),
    kept: db.prepare(
      `SELECT ${MEDIA_COLUMNS} FROM media WHERE purged = 0 AND seq >= ? AND seq < ? AND type <> 'activity.template' ORDER BY seq LIMIT ?`,
    ),
    documents: db.prepare(
      `SELECT ${MEDIA_COLUMNS} FROM media WHERE seq >= ? AND seq < ? AND type <> 'recording.chunk' ORDER BY seq LIMIT ?`,
    ),
    of: db.prepare(
      `SELECT ${MEDIA_COLUMNS} FROM media WHERE rec = ? AND seq >= ? AND seq < ? ORDER BY seq LIMIT ?`,
    ),
    naming: db.prepare(`SELECT ${MEDIA_COLUMNS} FROM media WHERE digest = ? ORDER BY seq`),
    bytes: db
      .prepare("SELECT coalesce(sum(bytes), 0) FROM media WHERE seq >= ? AND seq < ? AND purged = 0")
      .pluck(),
    firstNaming: db.prepare(`SELECT ${MEDIA_COLUMNS} FROM media WHERE digest = ? ORDER BY seq LIMIT 1`),
    totals: db.prepare(
      "SELECT count(*) AS files, coalesce(sum(bytes), 0) AS bytes FROM (SELECT max(bytes) AS bytes FROM media GROUP BY digest)",
    ),
  };
}

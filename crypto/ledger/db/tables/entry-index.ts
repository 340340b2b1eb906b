import { CHUNK } from "../derived.ts";
import type { Db } from "../schema.ts";

/** Half-open: seqs from `from` up to, not including, `to`. */
export interface SeqSpan {
  from: number;
  to: number;
}

export interface DayRow {
  /** Days since 1970-01-01 UTC, as the entries' wall clock claimed. */
  day: number;
  firstSeq: number;
  lastSeq: number;
  entries: number;
  /** Of media that the day's entries name; a file named twice counts twice. */
  bytes: number;
}

/** Entries by type and by day: reads of the derived tables `typed_entries`, `media` and `days`. */
export class EntryIndex {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Db) {
    this.#statements = prepare(db);
  }

  /** Seqs of one type within the span, upwards. */
  seqsUp(type: string, { from, to }: SeqSpan): IterableIterator<number> {
    const { chunksUp, typedUp } = this.#statements;
    const found = type === CHUNK ? chunksUp.iterate(from, to) : typedUp.iterate(from, to, type);
    return found as IterableIterator<number>;
  }

  /** The same downwards. */
  seqsDown(type: string, { from, to }: SeqSpan): IterableIterator<number> {
    const { chunksDown, typedDown } = this.#statements;
    const found = type === CHUNK ? chunksDown.iterate(from, to) : typedDown.iterate(from, to, type);
    return found as IterableIterator<number>;
  }

  /** Seqs within the span whose own wall clock lies in `[sinceMs, untilMs)`. */
  seqsOfTime(
    { from, to }: SeqSpan,
    sinceMs: number,
    untilMs: number,
    isDown: boolean,
  ): IterableIterator<number> {
    const { timeUp, timeDown } = this.#statements;
    return (isDown ? timeDown : timeUp).iterate(from, to, sinceMs, untilMs) as IterableIterator<number>;
  }

  /** How many entries of each type, of `size` in all, the most frequent first. */
  counts(size: number): { type: string; entries: number }[] {
    const typed = this.#statements.counts.all() as { type: string; entries: number }[];
    const chunks = typed.reduce((left, { entries }) => left - entries, size);
    const all = chunks > 0 ? [...typed, { type: CHUNK, entries: chunks }] : typed;
    return all.sort((a, b) => b.entries - a.entries || (a.type < b.type ? -1 : 1));
  }

  /** Every day on which something was written, the oldest first. */
  days(): DayRow[] {
    return this.#statements.days.all() as DayRow[];
  }

  /** Where entries of these days (`to` included) lie; null: there are none. */
  spanOfDays(from: number, to: number): SeqSpan | null {
    const row = this.#statements.span.get(from, to) as { from: number | null; to: number | null };
    return row.from === null || row.to === null ? null : { from: row.from, to: row.to };
  }

  /** Recordings that began before the span's end and had not ended before its beginning, oldest first. */
  recordingsWithin({ from, to }: SeqSpan): { rec: string; startSeq: number; stopSeq: number | null }[] {
    const rows = this.#statements.recordings.all(to, from, from);
    return rows as { rec: string; startSeq: number; stopSeq: number | null }[];
  }

  counted(): { checkpoints: number; receipts: number } {
    return this.#statements.counted.get() as { checkpoints: number; receipts: number };
  }

  /** Envelopes of receipts that entries above `seq` name, the first named first, at most `limit`. */
  receiptsNamedAfter(seq: number, limit: number): string[] {
    return this.#statements.receiptsAfter.all(seq, limit) as string[];
  }

  /** Every file that entries name (hex digest), with its first entry; `kept`: some entry's is not purged. */
  *files(): Generator<{ digest: string; bytes: number; seq: number; kept: boolean }> {
    for (const row of this.#statements.files.iterate()) {
      const { kept, ...file } = row as { digest: string; bytes: number; seq: number; kept: number };
      yield { ...file, kept: kept !== 0 };
    }
  }
}

function prepare(db: Db) {
  const seqs = (order: "ASC" | "DESC") => ({
    chunks: db
      .prepare(`SELECT seq FROM media WHERE seq >= ? AND seq < ? AND type = '${CHUNK}' ORDER BY seq ${order}`)
      .pluck(),
    typed: db
      .prepare(`SELECT seq FROM typed_entries WHERE seq >= ? AND seq < ? AND type = ? ORDER BY seq ${order}`)
      .pluck(),
    time: db
      .prepare(
        `SELECT seq FROM entries WHERE seq >= ? AND seq < ?
         AND json_extract(CAST(body AS TEXT), '$.t.utc_ms') BETWEEN ? AND ? - 1 ORDER BY seq ${order}`,
      )
      .pluck(),
  });
  const up = seqs("ASC");
  const down = seqs("DESC");
  return {
    chunksUp: up.chunks,
    chunksDown: down.chunks,
    typedUp: up.typed,
    typedDown: down.typed,
    timeUp: up.time,
    timeDown: down.time,
    counts: db.prepare("SELECT type, count(*) AS entries FROM typed_entries GROUP BY type"),
    days: db.prepare(
      "SELECT day, first_seq AS firstSeq, last_seq AS lastSeq, entries, bytes FROM days ORDER BY day",
    ),
    span: db.prepare(
      `SELECT min(first_seq) AS "from", max(last_seq) + 1 AS "to" FROM days WHERE day >= ? AND day <= ?`,
    ),
    recordings: db.prepare(
      `SELECT rec, start_seq AS startSeq, stop_seq AS stopSeq FROM recordings
       WHERE start_seq < ? AND (start_seq >= ? OR stop_seq >= ?) ORDER BY start_seq`,
    ),
    counted: db.prepare(
      `SELECT (SELECT count(*) FROM checkpoints) AS checkpoints, (SELECT count(*) FROM named_receipts) AS receipts`,
    ),
    receiptsAfter: db
      .prepare(
        "SELECT envelope FROM named_receipts n JOIN receipts r ON r.digest = n.digest WHERE n.seq > ? ORDER BY n.seq LIMIT ?",
      )
      .pluck(),
    files: db.prepare(
      `SELECT lower(hex(digest)) AS digest, max(bytes) AS bytes, min(seq) AS seq, max(purged = 0) AS kept
       FROM media GROUP BY media.digest ORDER BY media.digest`,
    ),
  };
}

import type { Db } from "../schema.ts";

export interface RecordingRow {
  rec: string;
  startSeq: number;
  /** Null while it is open. */
  stopSeq: number | null;
  activity: string | null;
  markers: number;
  chunks: number;
  bytes: number;
}

export interface WantedRecording {
  rec: string;
  marked: boolean;
  /** By a person, or its activity is disputed. */
  linked: boolean;
}

/** Recordings, and which entries name them. */
export class RecordingIndex {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Db) {
    this.#statements = prepare(db);
  }

  /** All recordings, oldest first. */
  all(): RecordingRow[] {
    return this.#statements.all.all() as RecordingRow[];
  }

  /** Seq of the first recording.start that names this recording, or null. */
  startedAt(rec: string): number | null {
    return (this.#statements.startedAt.get(rec) as number | undefined) ?? null;
  }

  /** Seqs of every entry that names the recording, in order. */
  seqsOf(rec: string): number[] {
    return this.#statements.seqsOf.all(rec, rec) as number[];
  }

  /** Seqs of the entries that name the recording and no media, in order: start, stop, gaps, markers, links. */
  statementsAbout(rec: string): number[] {
    return this.#statements.statementsAbout.all(rec) as number[];
  }

  /** Ids that begin with `start`, at most `limit`. */
  beginningWith(start: string, limit: number): string[] {
    return this.#statements.beginningWith.all(start, `${start}g`, limit) as string[];
  }

  /** Recordings without a stop, oldest first. */
  open(): RecordingRow[] {
    return this.#statements.open.all() as RecordingRow[];
  }

  /**
   * Recordings that were not over before seq `from`, and that somebody waits for: linked to an activity by a
   * person or disputed, marked, or of an activity still open; in this order, the newest first.
   */
  wanted(from: number): WantedRecording[] {
    const rows = this.#statements.wanted.all(from) as { rec: string; marked: number; linked: number }[];
    return rows.map(({ rec, marked, linked }) => ({ rec, marked: marked !== 0, linked: linked !== 0 }));
  }
}

function prepare(db: Db) {
  const recording = `SELECT r.rec, start_seq AS startSeq, stop_seq AS stopSeq, activity, markers,
      (SELECT count(*) FROM media m WHERE m.rec = r.rec AND m.type = 'recording.chunk') AS chunks,
      (SELECT coalesce(sum(bytes), 0) FROM media m WHERE m.rec = r.rec AND m.type = 'recording.chunk') AS bytes
    FROM recordings r`;
  return {
    all: db.prepare(`${recording} ORDER BY start_seq`),
    startedAt: db.prepare("SELECT start_seq FROM recordings WHERE rec = ?").pluck(),
    // ids are lower-case hex and dashes: all that begin so lie below the next letter
    beginningWith: db
      .prepare("SELECT rec FROM recordings WHERE rec >= ? AND rec < ? ORDER BY rec LIMIT ?")
      .pluck(),
    seqsOf: db
      .prepare(
        "SELECT seq FROM recording_entries WHERE rec = ? UNION ALL SELECT seq FROM media WHERE rec = ? ORDER BY seq",
      )
      .pluck(),
    statementsAbout: db.prepare("SELECT seq FROM recording_entries WHERE rec = ? ORDER BY seq").pluck(),
    open: db.prepare(`${recording} WHERE stop_seq IS NULL ORDER BY start_seq`),
    wanted: db.prepare(
      `SELECT rec, marked, linked FROM (
         SELECT rec, start_seq, markers > 0 AS marked,
           EXISTS (SELECT 1 FROM linked_recordings l WHERE l.rec = r.rec)
             OR EXISTS (SELECT 1 FROM disputes d WHERE d.activity = r.activity) AS linked,
           EXISTS (SELECT 1 FROM activities a WHERE a.activity = r.activity AND a.close_seq IS NULL) AS open
         FROM recordings r WHERE stop_seq IS NULL OR stop_seq >= ?)
       WHERE marked OR linked OR open ORDER BY linked DESC, marked DESC, start_seq DESC`,
    ),
  };
}

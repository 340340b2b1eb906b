import type { Db } from "../schema.ts";
import type { SeqSpan } from "./entry-index.ts";

export interface RecordingSeqs {
  rec: string;
  startSeq: number;
  /** Null while it is open. */
  stopSeq: number | null;
}

/** What gap accounts look up: reads of `recordings` and `imports`. */
export class RecordIndex {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Db) {
    this.#statements = prepare(db);
  }

  /** Recordings that begin within the span and have no stop, or one from seq `stoppedFrom` on; oldest first. */
  startedWithin({ from, to }: SeqSpan, stoppedFrom = 0): RecordingSeqs[] {
    return this.#statements.started.all(from, to, stoppedFrom) as RecordingSeqs[];
  }

  /** The recording that ended last within the span and began in it, too; null: none did. */
  lastStopped({ from, to }: SeqSpan): RecordingSeqs | null {
    return (this.#statements.lastStopped.get(from, to) as RecordingSeqs | undefined) ?? null;
  }

  /** Recordings that begin before a seq, the newest first. */
  *startedBefore(seq: number): Generator<RecordingSeqs> {
    for (const row of this.#statements.startedBefore.iterate(seq)) yield row as RecordingSeqs;
  }

  /** Imports whose file was last changed in `[fromMs, toMs)`, as the camera claims; oldest first. */
  importsClaimedWithin(fromMs: number, toMs: number): { startSeq: number; modifiedMs: number }[] {
    return this.#statements.imports.all(fromMs, toMs) as { startSeq: number; modifiedMs: number }[];
  }
}

function prepare(db: Db) {
  const recordings = "SELECT rec, start_seq AS startSeq, stop_seq AS stopSeq FROM recordings";
  return {
    started: db.prepare(
      `${recordings} WHERE start_seq >= ? AND start_seq < ? AND (stop_seq IS NULL OR stop_seq >= ?) ORDER BY start_seq`,
    ),
    lastStopped: db.prepare(
      `${recordings} WHERE start_seq >= ? AND stop_seq < ? ORDER BY stop_seq DESC LIMIT 1`,
    ),
    startedBefore: db.prepare(`${recordings} WHERE start_seq < ? ORDER BY start_seq DESC`),
    imports: db.prepare(
      "SELECT start_seq AS startSeq, modified_ms AS modifiedMs FROM imports WHERE modified_ms >= ? AND modified_ms < ? ORDER BY start_seq",
    ),
  };
}

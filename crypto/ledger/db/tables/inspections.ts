import { type Db, IS_COSIGNED } from "../schema.ts";

/** What inspections look up: reads of `typed_entries`, `recordings`, `activities` and the checkpoints. */
export class InspectionIndex {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Db) {
    this.#statements = prepare(db);
  }

  /** Seqs of every entry about inspections, in order. */
  seqs(): number[] {
    return this.#statements.seqs.all() as number[];
  }

  /** Ids of the recordings or activities that begin at a seq in `[from, to)`, in order of seq. */
  begunWithin(of: "recordings" | "activities", from: number, to: number): string[] {
    return this.#statements[of].all(from, to) as string[];
  }

  /** Checkpoints that carry a cosignature, the smallest first. */
  *cosigned(): Generator<{ size: number; note: string }> {
    for (const row of this.#statements.cosigned.iterate()) yield row as { size: number; note: string };
  }
}

function prepare(db: Db) {
  return {
    seqs: db
      .prepare(
        "SELECT seq FROM typed_entries WHERE type IN ('inspection.draw', 'inspection.result') ORDER BY seq",
      )
      .pluck(),
    recordings: db
      .prepare("SELECT rec FROM recordings WHERE start_seq >= ? AND start_seq < ? ORDER BY start_seq")
      .pluck(),
    activities: db
      .prepare("SELECT activity FROM activities WHERE open_seq >= ? AND open_seq < ? ORDER BY open_seq")
      .pluck(),
    cosigned: db.prepare(`SELECT size, note FROM checkpoints WHERE ${IS_COSIGNED} ORDER BY size`),
  };
}

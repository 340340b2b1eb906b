import type { Db } from "../schema.ts";

export interface ActivityRow {
  activity: string;
  openSeq: number;
  /** Null while it is open. */
  closeSeq: number | null;
}

/** Which activities the ledger knows: reads of the derived tables `activities` and `activity_entries`. */
export class ActivityIndex {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Db) {
    this.#statements = prepare(db);
  }

  /** Activities opened and not closed, oldest first. */
  open(): string[] {
    return this.#statements.open.all() as string[];
  }

  /** The newest first, those opened before seq `before`. */
  newest(limit: number, before = Number.MAX_SAFE_INTEGER): ActivityRow[] {
    return this.#statements.newest.all(before, limit) as ActivityRow[];
  }

  find(activity: string): ActivityRow | null {
    return (this.#statements.one.get(activity) as ActivityRow | undefined) ?? null;
  }

  /** Whose id begins with `start`, at most `limit`. */
  beginningWith(start: string, limit: number): ActivityRow[] {
    return this.#statements.beginning.all(start, `${start}g`, limit) as ActivityRow[];
  }

  /** Seqs of every entry that names the activity, in order. */
  seqs(activity: string): number[] {
    return this.#statements.seqs.all(activity) as number[];
  }
}

function prepare(db: Db) {
  const columns = "activity, open_seq AS openSeq, close_seq AS closeSeq";
  return {
    open: db.prepare("SELECT activity FROM activities WHERE close_seq IS NULL ORDER BY open_seq").pluck(),
    newest: db.prepare(`SELECT ${columns} FROM activities WHERE open_seq < ? ORDER BY open_seq DESC LIMIT ?`),
    one: db.prepare(`SELECT ${columns} FROM activities WHERE activity = ?`),
    // ids are lower-case hex and dashes: all that begin so lie below the next letter
    beginning: db.prepare(
      `SELECT ${columns} FROM activities WHERE activity >= ? AND activity < ? ORDER BY activity LIMIT ?`,
    ),
    seqs: db.prepare("SELECT seq FROM activity_entries WHERE activity = ? ORDER BY seq").pluck(),
  };
}

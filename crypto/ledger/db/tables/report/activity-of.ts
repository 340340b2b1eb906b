import { parseBody } from "../../../../bytes/canonical.ts";
import type { Db } from "../../schema.ts";

/**
 * Answers which activity a recording belongs to by the entries that the ledger holds now: the one that it was
 * made for, else the first that it is linked to; null: none, or it was unlinked from all.
 */
export function activityFinder(db: Db): (rec: string) => string | null {
  const statements = db
    .prepare(
      `SELECT body FROM recording_entries r JOIN entries e ON e.seq = r.seq WHERE r.rec = ? ORDER BY r.seq`,
    )
    .pluck();
  return (rec) => {
    const belongs = new Set<string>();
    for (const bytes of statements.iterate(rec)) {
      const { type, activity } = parseBody(bytes as Buffer);
      if (typeof activity !== "string") continue;
      if (type === "activity.unlink") belongs.delete(activity);
      else if (type === "activity.link" || type === "recording.start") belongs.add(activity);
    }
    const [first] = belongs;
    return first ?? null;
  };
}

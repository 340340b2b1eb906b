import { parseBody } from "../../../../crypto/bytes/canonical.ts";
import type { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";

const MAX_READ_BYTES = 4 * 2 ** 20;
/** In canonical form, so every entry that is of interest has one of them: most need not be parsed. */
const OF_INTEREST = ['"type":"activity.', '"type":"recording.st'];

/** Which activities entries in `[from, to)` say something about, in the order in which they are first named. */
export function changedActivities(reader: LedgerReader, from: number, to: number): string[] {
  const changed = new Set<string>();
  for (let at = from; at < to; ) {
    const entries = reader.entries(at, to - at, MAX_READ_BYTES);
    for (const { body } of entries) {
      if (!OF_INTEREST.some((mark) => body.includes(mark))) continue;
      for (const activity of activitiesOf(reader, parseBody(body))) changed.add(activity);
    }
    at += entries.length;
    if (entries.length === 0) break;
  }
  return [...changed];
}

/** A recording that ended changes every activity that it was ever linked to. */
function activitiesOf(reader: LedgerReader, { type, activity, rec }: Record<string, unknown>): string[] {
  if (typeof activity === "string") return [activity];
  if (type !== "recording.stop" || typeof rec !== "string") return [];
  return reader.recordings.statementsAbout(rec).flatMap((seq) => {
    const { activity: linked } = reader.body(seq);
    return typeof linked === "string" ? [linked] : [];
  });
}

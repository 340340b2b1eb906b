import type { EntryEnvelope, RecordingStart } from "../../../crypto/entry/types.ts";
import { DAY_MS } from "../../../crypto/ledger/db/derived.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import type { ActivityRecord } from "./activity-record.ts";

/** A recording whose time overlaps an activity's: a suggestion, never a link. */
export interface Overlap {
  rec: string;
  startedMs: number;
  /** Null while it is open. */
  endedMs: number | null;
  wearer: string | null;
}

/** What still runs, or had no orderly end, counts as this long after its start at most. */
const LONGEST_MS = 4 * 3_600_000;

/**
 * Live recordings that overlap the activity by their own clocks, oldest first; without those linked to it, and
 * those of which somebody said that they do not belong.
 */
export function overlapsOf(reader: LedgerReader, record: ActivityRecord, nowMs: number): Overlap[] {
  const fromMs = record.open.utcMs;
  const toMs = record.close?.utcMs ?? nowMs;
  const known = new Set([...record.recordings, ...record.unlinked].map(({ rec }) => rec));
  const found: Overlap[] = [];
  for (const { rec, startSeq, stopSeq } of recordingsAround(reader, fromMs, toMs)) {
    if (known.has(rec)) continue;
    const start = reader.body(startSeq) as unknown as RecordingStart & EntryEnvelope;
    if (start.origin !== "live") continue;
    const startedMs = start.t.utc_ms - start.pre_event_ms;
    const endedMs = stopSeq === null ? null : (reader.body(stopSeq) as unknown as EntryEnvelope).t.utc_ms;
    if (startedMs > toMs || (endedMs ?? startedMs + LONGEST_MS) < fromMs) continue;
    found.push({ rec, startedMs, endedMs, wearer: start.wearer ?? null });
  }
  return found;
}

/** Those that can overlap, from the index of days: a recording is entered up to its pre-event time after it began. */
function recordingsAround(reader: LedgerReader, fromMs: number, toMs: number) {
  const firstDay = Math.floor((fromMs - LONGEST_MS) / DAY_MS);
  const lastDay = Math.floor((toMs + LONGEST_MS) / DAY_MS);
  const span = reader.index.spanOfDays(firstDay, lastDay);
  return span === null ? [] : reader.index.recordingsWithin(span);
}

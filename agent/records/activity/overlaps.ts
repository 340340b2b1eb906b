import type { EntryEnvelope } from "../../../crypto/entry/envelope.ts";
import type { RecordingStart } from "../../../crypto/entry/recording-types.ts";
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

type Start = RecordingStart & EntryEnvelope;

/**
 * Live recordings that overlap the activity, oldest first; without those linked to it, and those of which somebody
 * said that they do not belong. The order of entries decides, which no clock that was set can change.
 */
export function overlapsOf(reader: LedgerReader, record: ActivityRecord): Overlap[] {
  const known = new Set([...record.recordings, ...record.unlinked].map(({ rec }) => rec));
  const found: Overlap[] = [];
  for (const { rec, startSeq, stopSeq } of recordingsDuring(reader, record)) {
    if (known.has(rec)) continue;
    const start = reader.body(startSeq) as unknown as Start;
    if (start.origin !== "live") continue;
    const startedMs = start.t.utc_ms - start.pre_event_ms;
    const endedMs = stopSeq === null ? null : (reader.body(stopSeq) as unknown as EntryEnvelope).t.utc_ms;
    found.push({ rec, startedMs, endedMs, wearer: start.wearer ?? null });
  }
  return found;
}

function recordingsDuring(reader: LedgerReader, { open, close }: ActivityRecord) {
  // the one that was running when it was opened, and still is
  const running = reader.recordings.open().filter(({ startSeq }) => startSeq < open.seq);
  const since = reader.index.recordingsWithin({ from: open.seq, to: reader.size() });
  if (close === null) return [...running, ...since];
  const during = since.filter(({ startSeq }) => startSeq < close.seq);
  const next = since[during.length];
  // its pre-event time may reach back before the close
  const isNext = next !== undefined && reachesBack(reader, next.startSeq, close.seq);
  return [...running, ...during, ...(isNext ? [next] : [])];
}

function reachesBack(reader: LedgerReader, startSeq: number, closeSeq: number): boolean {
  const { t, pre_event_ms: preEventMs } = reader.body(startSeq) as unknown as Start;
  const close = reader.body(closeSeq) as unknown as EntryEnvelope;
  return t.boot === close.t.boot && t.mono_us - preEventMs * 1000 <= close.t.mono_us;
}

import { AgentError } from "../../../config/base/errors.ts";
import type { EntryEnvelope } from "../../../crypto/entry/envelope.ts";
import type { RecordingStart } from "../../../crypto/entry/recording-types.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { visitLedger } from "../../../crypto/ledger/visit.ts";
import { readActivity } from "../activity/activity-record.ts";
import { gapAccount } from "./gap-account.ts";
import type { DeviceFacts, GapAccount, Span, Subject } from "./gap-types.ts";
import { readDeviceFacts } from "./read/device.ts";
import { readRuns } from "./read/runs.ts";

/** An imported file of the subject: how long its picture is nobody measured, so it counts for nothing. */
export interface UncountedImport {
  dev: string;
  rec: string;
  /** When its file was last changed, as the camera claims. */
  modifiedMs: number | null;
}

export interface LedgersAccount extends GapAccount {
  /** Devices that take part, and how many ledgers at hand take none. */
  devices: string[];
  leftOut: number;
  imports: UncountedImport[];
}

export interface ActivityAccount extends LedgersAccount {
  activity: string;
  title: string;
  /** True while the activity is open: the span ends now. */
  isOpen: boolean;
}

/** The account of an officer over a span, from the ledgers in `dirs`. Throws `misuse` for a span without length. */
export async function accountOfWearer(
  dirs: readonly string[],
  wearer: string,
  span: Span,
): Promise<LedgersAccount> {
  return await accountOver(dirs, { wearer }, span);
}

/**
 * The account of an activity, from its opening to its close. It may lie in one ledger and its recordings in others.
 * Throws `activity-unknown` or `activity-ambiguous`; `start` is its id or the beginning of it.
 */
export async function accountOfActivity(
  dirs: readonly string[],
  start: string,
  nowMs: number,
): Promise<ActivityAccount> {
  const found: FoundActivity[] = [];
  for (const dir of dirs)
    found.push(...(await visitLedger(dir, (reader) => activitiesIn(reader, start, nowMs))));
  const [first] = found;
  if (first === undefined) throw new AgentError("activity-unknown", start);
  if (new Set(found.map(({ activity }) => activity)).size > 1)
    throw new AgentError("activity-ambiguous", start);
  const { activity, title, span, isOpen } = first;
  const recordings = new Set(found.flatMap((one) => one.recordings));
  return { ...(await accountOver(dirs, { activity, recordings }, span)), activity, title, isOpen };
}

async function accountOver(dirs: readonly string[], subject: Subject, span: Span): Promise<LedgersAccount> {
  if (!(span.fromMs < span.toMs)) throw new AgentError("misuse", "--from must be before --to");
  const facts: DeviceFacts[] = [];
  const imports: UncountedImport[] = [];
  for (const dir of dirs) {
    const read = await visitLedger(dir, (reader) => ({
      facts: readDeviceFacts(reader, subject, span),
      imports: importsOf(reader, subject, span),
    }));
    // one device's ledger may be at hand twice, as its own and as a replica: the longer one counts
    const twin = facts.findIndex(({ dev }) => dev === read.facts?.dev);
    if (read.facts !== null && twin < 0) facts.push(read.facts);
    else if (read.facts !== null && sizeOf(read.facts) > sizeOf(facts[twin] as DeviceFacts))
      facts[twin] = read.facts;
    for (const one of read.imports) if (!imports.some(({ rec }) => rec === one.rec)) imports.push(one);
  }
  const devices = facts.map(({ dev }) => dev);
  return { ...gapAccount(span, subject, facts), devices, leftOut: dirs.length - devices.length, imports };
}

function sizeOf({ runs }: DeviceFacts): number {
  return (runs.at(-1)?.lastSeq ?? -1) + 1;
}

interface FoundActivity {
  activity: string;
  title: string;
  span: Span;
  isOpen: boolean;
  recordings: string[];
}

function activitiesIn(reader: LedgerReader, start: string, nowMs: number): FoundActivity[] {
  return reader.activities.beginningWith(start.toLowerCase(), 2).flatMap(({ activity }) => {
    const record = readActivity(reader, activity);
    if (record === null) return [];
    const { open, close, recordings } = record;
    const momentOf = momentsOf(reader);
    const fromMs = momentOf(open.seq);
    const toMs = close === null ? Math.max(nowMs, fromMs + 1) : Math.max(momentOf(close.seq), fromMs + 1);
    return [
      {
        activity,
        title: open.title,
        span: { fromMs, toMs },
        isOpen: close === null,
        recordings: recordings.map(({ rec }) => rec),
      },
    ];
  });
}

/** When entries were signed, by the same clocks that place recordings. */
function momentsOf(reader: LedgerReader): (seq: number) => number {
  const zeros = new Map(readRuns(reader).map(({ boot, zeroMs }) => [boot, zeroMs]));
  return (seq) => {
    const { t } = reader.body(seq) as unknown as EntryEnvelope;
    const zeroMs = zeros.get(t.boot);
    return zeroMs === undefined ? t.utc_ms : Math.floor(zeroMs + t.mono_us / 1000);
  };
}

function importsOf(reader: LedgerReader, subject: Subject, { fromMs, toMs }: Span): UncountedImport[] {
  const { dev } = reader;
  const startAt = (seq: number) => reader.body(seq) as unknown as RecordingStart;
  if ("recordings" in subject)
    return [...subject.recordings].flatMap((rec) => {
      const seq = reader.recordings.startedAt(rec);
      const start = seq === null ? null : startAt(seq);
      return start?.origin === "import" ? [{ dev, rec, modifiedMs: start.source?.modified_ms ?? null }] : [];
    });
  return reader.records.importsClaimedWithin(fromMs, toMs).flatMap(({ startSeq, modifiedMs }) => {
    const { rec, wearer } = startAt(startSeq);
    return wearer === subject.wearer ? [{ dev, rec, modifiedMs }] : [];
  });
}

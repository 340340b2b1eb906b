import type { Claim, CoverageFacts, DeviceFacts, GapAccount, GapFlag, Span, Subject } from "./gap-types.ts";
import { recordingClaims, recordingSpan } from "./recording-claims.ts";
import { clockFlags, placeableRuns, runClaims } from "./run-claims.ts";
import { divide, totalsOf } from "./timeline.ts";

/** A chunk is signed after its last picture; clocks and the start's own signing may differ by this. */
export const MAX_AHEAD_US = 2_000_000;

/**
 * Accounts for every millisecond of a span: what each was, and the signed entry that says why. Pure: `devices`
 * are the ledgers that take part (`readDeviceFacts`), those of one wearer or those of one activity; where they
 * overlap the stronger state counts (`GAP_STATES`). What nobody accounts for is `unknown`. Intervals follow one
 * another and sum to the span, as the totals do.
 */
export function gapAccount(span: Span, subject: Subject, devices: readonly DeviceFacts[]): GapAccount {
  const claims = devices.flatMap((device) => deviceClaims(subject, device));
  const intervals = divide(span, claims, { state: "unknown", cause: { code: "no-ledger" } });
  const flags = [...devices.flatMap((device) => deviceFlags(subject, device)), ...holeFlags(intervals)];
  return { ...span, intervals, totals: totalsOf(intervals), flags };
}

function deviceClaims(subject: Subject, { dev, chunkMs, runs, recordings }: DeviceFacts): Claim[] {
  const placeable = placeableRuns(runs);
  const byBoot = new Map(runs.map((run) => [run.boot, run]));
  const own = recordings.flatMap((facts) => {
    const run = byBoot.get(facts.boot);
    if (run === undefined || !placeable.has(facts.boot)) return [];
    const foreign = foreignState(subject, facts);
    if (foreign === null) return recordingClaims(dev, chunkMs, run, facts);
    const cause = { ...foreign, dev, seq: facts.startSeq, type: "recording.start", rec: facts.rec };
    return [
      {
        ...recordingSpan(chunkMs, run, facts),
        state: foreign.code === "other-wearer" ? "off" : "unknown",
        cause,
      },
    ] satisfies Claim[];
  });
  return [...own, ...runClaims(dev, chunkMs, runs, recordings)];
}

/** Null: the recording is the subject's own. */
function foreignState(
  subject: Subject,
  { rec, wearer }: CoverageFacts,
): { code: "other-wearer" | "wearer-unstated" | "not-linked" } | null {
  if ("recordings" in subject) return subject.recordings.has(rec) ? null : { code: "not-linked" };
  if (wearer === subject.wearer) return null;
  return { code: wearer === null ? "wearer-unstated" : "other-wearer" };
}

function deviceFlags(subject: Subject, { dev, runs, recordings }: DeviceFacts): GapFlag[] {
  const ahead = recordings
    .filter((facts) => foreignState(subject, facts) === null && facts.aheadUs > MAX_AHEAD_US)
    .map(({ rec, aheadUs }) => ({ code: "media-ahead", dev, rec, ms: Math.round(aheadUs / 1000) }) as const);
  return [...clockFlags(dev, runs), ...ahead];
}

/** Each recording with stretches that no chunk covers and no entry explains. */
function holeFlags(intervals: GapAccount["intervals"]): GapFlag[] {
  const byRec = new Map<string, { code: "no-chunk"; dev: string; rec: string; ms: number }>();
  for (const { flagged, cause, fromMs, toMs } of intervals) {
    if (!flagged) continue;
    const { dev = "", rec = "" } = cause;
    const flag = byRec.get(rec) ?? { code: "no-chunk", dev, rec, ms: 0 };
    flag.ms += toMs - fromMs;
    byRec.set(rec, flag);
  }
  return [...byRec.values()];
}

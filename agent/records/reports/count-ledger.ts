import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import type {
  ActivitySum,
  GapSum,
  RecordingSum,
} from "../../../crypto/ledger/db/tables/report/report-index.ts";
import type { DrawSum } from "../inspections/draw-sums.ts";
import type { Belonging, Slices } from "./slices.ts";
import type { ActivityState, Tally } from "./tally.ts";
import type { Units } from "./units.ts";

/** What of a ledger is not counted but judged, before the count. */
export interface Beforehand {
  /** How activities stand that are still open and have a template. */
  open: ReadonlyMap<string, ActivityState>;
  draws: readonly DrawSum[];
}

interface Interval {
  fromMs: number;
  toMs: number;
}

/** Counts what one ledger has for the period of `slices`. */
export function countLedger(reader: LedgerReader, slices: Slices, units: Units, known: Beforehand): void {
  const { dev } = reader;
  const { reports } = reader;
  const recordings = new Map(reports.recordings(slices.span).map((sum) => [sum.startSeq, sum]));
  const belongs = (sum: RecordingSum | undefined): Belonging => ({
    units: [units.of(dev, sum?.wearer ?? null)],
    officers: [sum?.wearer ?? null],
    kind: sum?.kind ?? null,
  });
  const lost = countGaps(reports.gaps(slices.span), slices, (gap) =>
    belongs(gap.startSeq === null ? undefined : recordings.get(gap.startSeq)),
  );
  for (const sum of recordings.values()) {
    const belonging = belongs(sum);
    const endMs = sum.startMs + sum.mediaUs / 1000;
    if (slices.takes(belonging) && Math.max(endMs, sum.startMs) >= slices.span.fromMs)
      countRecording(sum, slices.of(belonging), slices, lost.get(sum.startSeq) ?? []);
  }
  for (const sum of reports.activities(slices.span)) {
    const officers = sum.officers.length > 0 ? sum.officers : [null];
    const belonging = { units: units.ofAll(dev, sum.officers), officers, kind: sum.kind };
    if (!slices.takes(belonging)) continue;
    const state = stateOf(sum, known.open);
    for (const tally of slices.of(belonging)) tally.addActivity(state);
    slices.slotAt(sum.atMs)?.addActivity(state);
  }
  countOfLedger(reader, slices, units.ofDevice(dev), known.draws);
}

function countRecording(
  sum: RecordingSum,
  tallies: readonly Tally[],
  slices: Slices,
  lost: readonly Interval[],
): void {
  const beginsIn = slices.slotAt(sum.startMs);
  if (beginsIn !== null) {
    for (const tally of [...tallies, beginsIn]) {
      tally.recordings++;
      tally.live += sum.live ? 1 : 0;
      tally.unfinished += sum.stopped ? 0 : 1;
      tally.bytes += sum.bytes;
      tally.chunks += sum.chunks;
      tally.addDelays(sum.delays);
    }
  }
  const endMs = sum.startMs + sum.mediaUs / 1000;
  for (const { fromMs, toMs, tally } of slices.parts(sum.startMs, endMs)) {
    const ms = toMs - fromMs - overlapOf(lost, fromMs, toMs);
    for (const one of tallies) one.recordedMs += ms;
    tally.recordedMs += ms;
  }
}

/** Counts gaps, what overlaps within one cause once; answers, for each recording, when it had no picture. */
function countGaps(
  gaps: readonly GapSum[],
  slices: Slices,
  belongingOf: (gap: GapSum) => Belonging,
): Map<number, Interval[]> {
  const lost = new Map<number, Interval[]>();
  const counted = new Map<string, number>();
  for (const gap of gaps) {
    const toMs = gap.atMs + gap.us / 1000;
    if (gap.inside && gap.startSeq !== null && gap.reason !== "muted") {
      const known = lost.get(gap.startSeq) ?? [];
      addInterval(known, { fromMs: gap.atMs, toMs });
      lost.set(gap.startSeq, known);
    }
    const key = `${gap.inside ? gap.startSeq : "outside"} ${gap.reason}`;
    const fromMs = Math.max(gap.atMs, counted.get(key) ?? Number.NEGATIVE_INFINITY);
    counted.set(key, Math.max(toMs, fromMs));
    const belonging = belongingOf(gap);
    if (!slices.takes(belonging)) continue;
    const beginsIn = slices.slotAt(gap.atMs);
    const tallies = slices.of(belonging);
    if (beginsIn !== null) for (const tally of [...tallies, beginsIn]) tally.addGap(gap.reason, 0, 1);
    for (const part of slices.parts(fromMs, toMs))
      for (const tally of [...tallies, part.tally]) tally.addGap(gap.reason, part.toMs - part.fromMs, 0);
  }
  return lost;
}

/** Adds to disjoint intervals in order; `next` begins no earlier than the last. */
function addInterval(intervals: Interval[], next: Interval): void {
  const last = intervals.at(-1);
  if (last !== undefined && next.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, next.toMs);
  else intervals.push(next);
}

function overlapOf(intervals: readonly Interval[], fromMs: number, toMs: number): number {
  return intervals.reduce(
    (sum, one) => sum + Math.max(0, Math.min(one.toMs, toMs) - Math.max(one.fromMs, fromMs)),
    0,
  );
}

function stateOf(sum: ActivitySum, open: Beforehand["open"]): ActivityState {
  if (!sum.closed) return open.get(sum.activity) ?? "open_unjudged";
  if (sum.missing === null) return "closed_unjudged";
  return sum.missing === 0 ? "closed_complete" : "closed_incomplete";
}

/** What the ledger has as a whole, which no officer and no kind has. */
function countOfLedger(
  reader: LedgerReader,
  slices: Slices,
  unit: string | null,
  draws: readonly DrawSum[],
): void {
  if (!slices.takesOfLedger(unit)) return;
  const at = (ms: number) => [...slices.ofLedger(unit), slices.slotAt(ms)].filter((one) => one !== null);
  for (const { atMs, files, bytes } of reader.reports.purges(slices.span)) {
    for (const { purges } of at(atMs)) {
      purges.count++;
      purges.files += files;
      purges.bytes += bytes;
    }
  }
  for (const { atMs, bytes } of reader.reports.wipes(slices.span)) {
    for (const { wipes } of at(atMs)) {
      wipes.count++;
      wipes.bytes += bytes;
    }
  }
  // the period that was inspected, not the day on which somebody drew; it is half open
  for (const draw of draws)
    if (slices.slotAt(draw.toMs - 1) !== null) for (const tally of at(draw.toMs - 1)) tally.addDraw(draw);
}

import type { ActivityFigures, Figures, Report } from "../../../../records/reports/report-types.ts";
import { bytesText } from "../../../face/units.ts";
import type { Phrase, Say } from "../../../text/phrase.ts";
import { causeWords, timeUnitWords, reportWords as words } from "../../../text/records/report/words.ts";

const HOUR_MS = 3_600_000;

/** A figure that a report begins with, and the same of the period before. */
export interface KeyFigure {
  label: string;
  value: string;
  before: string;
  /** Signed and rounded, such as `+12 %`; a word where there is nothing to compare. */
  change: string;
  /** What belongs to it. */
  note: string;
}

export function hoursNumber(ms: number): string {
  const hours = ms / HOUR_MS;
  return hours.toFixed(hours < 10 ? 2 : 1);
}

/** A length of time in hours; what is too short for those in minutes or seconds. */
export function lengthText(ms: number, say: Say): string {
  if (ms > 0 && ms < HOUR_MS / 10) return delayText(ms, say);
  return say(words.hours, { value: hoursNumber(ms) });
}

/** Hours of a column, all with the same decimals. */
export function hoursCell(ms: number): string {
  return (ms / HOUR_MS).toFixed(2);
}

/** A delay at the precision that it was read with. */
export function delayText(ms: number | undefined, say: Say): string {
  if (ms === undefined) return "–";
  const seconds = ms / 1000;
  const [unit, value] =
    seconds < 100
      ? (["seconds", seconds] as const)
      : seconds < 6000
        ? (["minutes", seconds / 60] as const)
        : seconds < 172_800
          ? (["hours", seconds / 3600] as const)
          : (["days", seconds / 86_400] as const);
  return say(timeUnitWords[unit], { value: value.toFixed(value < 10 ? 1 : 0) });
}

/** A share; all is said of all alone. */
export function percent(part: number, whole: number, say: Say): string {
  if (whole === 0) return "–";
  const value = (100 * part) / whole;
  const shown = part < whole ? Math.min(value, 99.9) : value;
  return say(words.share, { value: shown.toFixed(shown > 0 && shown < 99.95 ? 1 : 0) });
}

/** True where neither period has anything: what the report is limited to may be misspelled. */
export function isEmpty({ total, total_before: before }: Report): boolean {
  return [total, before].every(({ recordings, activities }) => recordings + activities.opened === 0);
}

export function judgedOf(figures: ActivityFigures): { complete: number; judged: number } {
  const complete = figures.closed_complete + figures.open_complete;
  return { complete, judged: complete + figures.closed_incomplete + figures.open_incomplete };
}

export function gapMs({ gaps }: Figures): number {
  return gaps.reduce((sum, { ms }) => sum + ms, 0);
}

export function waitingOf({ upload }: Figures): number {
  return Math.max(0, upload.chunks - upload.receipted);
}

/** A cause in words; one that this program does not know as it stands. */
export function causeText(cause: string, say: Say): string {
  return Object.hasOwn(causeWords, cause) ? say(causeWords[cause as keyof typeof causeWords]) : cause;
}

/** What a report begins with. */
export function keyFigures(now: Figures, before: Figures, say: Say): KeyFigure[] {
  const figure = (
    label: Phrase,
    note: string,
    text: (figures: Figures) => string,
    amount: (figures: Figures) => number,
  ): KeyFigure => ({
    label: say(label),
    value: text(now),
    before: text(before),
    change: changeText(amount(now), amount(before), say),
    note,
  });
  return [
    figure(
      words.recorded,
      say(words.recordingsText, { live: now.live, imported: now.imported }),
      (of) => lengthText(of.recorded_ms, say),
      (of) => of.recorded_ms,
    ),
    figure(
      words.recordings,
      noteOfRecordings(now, say),
      (of) => String(of.recordings),
      (of) => of.recordings,
    ),
    figure(
      words.activities,
      noteOfActivities(now.activities, say),
      (of) => String(of.activities.opened),
      (of) => of.activities.opened,
    ),
    {
      label: say(words.completeness),
      value: shareText(now.activities, say),
      before: shareText(before.activities, say),
      change: pointsText(now, before, say),
      note: say(words.completenessText, { ...judgedOf(now.activities) }),
    },
    figure(
      words.delay,
      noteOfDelay(now, say),
      (of) => delayText(of.upload.median_ms, say),
      (of) => of.upload.median_ms ?? 0,
    ),
    figure(
      words.gaps,
      say(words.gapsText, { count: now.gaps.reduce((sum, { count }) => sum + count, 0) }),
      (of) => lengthText(gapMs(of), say),
      gapMs,
    ),
  ];
}

function noteOfRecordings({ bytes, unfinished }: Figures, say: Say): string {
  const volume = bytesText(bytes);
  if (unfinished === 0) return volume;
  return say(words.also, { first: volume, second: say(words.unfinished, { count: unfinished }) });
}

function noteOfActivities(figures: ActivityFigures, say: Say): string {
  const open = figures.open_complete + figures.open_incomplete + figures.open_unjudged;
  return say(words.activitiesText, { closed: figures.opened - open, open });
}

function noteOfDelay(figures: Figures, say: Say): string {
  const { chunks, p95_ms: p95 } = figures.upload;
  const waiting = waitingOf(figures);
  const within = say(words.delayText, { p95: delayText(p95, say) });
  if (waiting === 0) return within;
  const rest = say(words.waitingShare, { share: percent(waiting, chunks, say) });
  return p95 === undefined ? rest : say(words.also, { first: within, second: rest });
}

function shareText(figures: ActivityFigures, say: Say): string {
  const { complete, judged } = judgedOf(figures);
  return percent(complete, judged, say);
}

function changeText(now: number, before: number, say: Say): string {
  if (before === 0) return now === 0 ? say(words.unchanged) : say(words.noneBefore);
  const change = Math.round((100 * (now - before)) / before);
  if (change === 0) return say(words.unchanged);
  return `${change > 0 ? "+" : "−"}${say(words.share, { value: Math.abs(change) })}`;
}

/** Shares differ by points: half of 90 % is not 40 % less. */
function pointsText(now: Figures, before: Figures, say: Say): string {
  const [a, b] = [judgedOf(now.activities), judgedOf(before.activities)];
  if (b.judged === 0) return a.judged === 0 ? say(words.unchanged) : say(words.noneBefore);
  if (a.judged === 0) return "–";
  const points = 100 * (a.complete / a.judged - b.complete / b.judged);
  const rounded = Math.abs(points).toFixed(1);
  return rounded === "0.0"
    ? say(words.unchanged)
    : `${points > 0 ? "+" : "−"}${rounded} ${say(words.points)}`;
}

import type { Figures, Report, Slice } from "../../../../records/reports/report-types.ts";
import { type Lang, type Phrase, speaker } from "../../../text/phrase.ts";
import { csvWords as words } from "../../../text/records/report/csv.ts";
import { causeText } from "./figure-text.ts";

type Cell = string | number | null;

/** What a spreadsheet would take for a formula, also in full width; a tab or an end of line may hide one. */
const FORMULA = /^[\s]*[=+\-@＝＋－＠]|^[\t\r\n]/u;

/**
 * The report as RFC 4180: a line of headings, then one row for each slice. `bom` is for Excel, which takes
 * UTF-8 for something else without it.
 */
export function csv(report: Report, lang: Lang, bom: boolean): string {
  const say = speaker(lang);
  const causes = report.total.gaps.map(({ cause }) => cause);
  const heads = [...columnNames.map((phrase) => say(phrase)), ...causes.map((cause) => gapHead(cause))];
  function gapHead(cause: string): string {
    return say(words.gapHours, { cause: causeText(cause, say) });
  }
  const row = (
    group: Phrase,
    [id, name]: [Cell, Cell],
    from: string,
    to: string,
    figures: Figures,
  ): Cell[] => [
    ...[say(group), id, name, from, to],
    ...numbers(figures),
    ...causes.map((cause) => hours(figures.gaps.find((gap) => gap.cause === cause)?.ms ?? 0)),
  ];
  const { period, previous, total, total_before: before, units, officers, kinds, over_time: time } = report;
  const slices = (group: Phrase, list: readonly Slice[]) =>
    list.map(({ id, name, figures }) =>
      row(group, [id ?? null, name ?? null], period.from, period.to, figures),
    );
  const rows = [
    row(words.total, [null, null], period.from, period.to, total),
    row(words.before, [null, null], previous.from, previous.to, before),
    ...slices(words.unit, units),
    ...slices(words.officer, officers),
    ...slices(words.kind, kinds),
    ...time.slots.map(({ from, to, figures }) => row(words[time.step], [null, null], from, to, figures)),
  ];
  const lines = [heads, ...rows].map((cells) => cells.map(cellText).join(","));
  return `${bom ? "\ufeff" : ""}${lines.join("\r\n")}`;
}

const columnNames = [
  ...[words.group, words.id, words.name, words.from, words.to],
  ...[words.recordedHours, words.recordings, words.live, words.imported, words.unfinished, words.bytes],
  ...[words.activities, words.closedComplete, words.closedIncomplete, words.closedUnjudged],
  ...[words.openComplete, words.openIncomplete, words.openUnjudged],
  ...[words.chunks, words.receipted, words.medianSeconds, words.p95Seconds],
  ...[words.purgedFiles, words.purgedBytes, words.wipedFiles, words.wipedBytes],
  ...[words.inspected, words.inOrder, words.defects, words.notInspected, words.gaps],
];

function numbers(figures: Figures): Cell[] {
  const { activities, upload, purges, wipes, inspections, gaps } = figures;
  return [
    ...[hours(figures.recorded_ms), figures.recordings, figures.live, figures.imported, figures.unfinished],
    ...[figures.bytes, activities.opened],
    ...[activities.closed_complete, activities.closed_incomplete, activities.closed_unjudged],
    ...[activities.open_complete, activities.open_incomplete, activities.open_unjudged],
    ...[upload.chunks, upload.receipted, seconds(upload.median_ms), seconds(upload.p95_ms)],
    ...[purges?.files ?? null, purges?.bytes ?? null, wipes?.count ?? null, wipes?.bytes ?? null],
    ...[inspections?.drawn ?? null, inspections?.in_order ?? null],
    ...[inspections?.defects ?? null, inspections?.open ?? null],
    gaps.reduce((sum, { count }) => sum + count, 0),
  ];
}

function hours(ms: number): number {
  return Number((ms / 3_600_000).toFixed(4));
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Number((ms / 1000).toFixed(1));
}

function cellText(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

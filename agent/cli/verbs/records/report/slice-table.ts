import type { Figures, Report, Slice } from "../../../../records/reports/report-types.ts";
import type { Column } from "../../../face/table.ts";
import type { Phrase, Say } from "../../../text/phrase.ts";
import { reportWords as words } from "../../../text/records/report/words.ts";
import { delayText, gapMs, hoursCell, judgedOf, waitingOf } from "./figure-text.ts";

/** One table of slices, as the terminal and the page show it. */
export interface SliceTable {
  title: string;
  heads: Column[];
  rows: string[][];
}

/** Headings of the numbers, for the room that there is. */
export type Columns = readonly Phrase[];

export const narrowColumns: Columns = [
  ...[words.columnHours, words.columnRecordings, words.columnActivities, words.columnComplete],
  ...[words.columnMedian, words.column95, words.columnWaiting, words.columnGaps],
];

export const wideColumns: Columns = [
  ...[words.wideHours, words.wideRecordings, words.wideActivities, words.wideComplete],
  ...[words.wideMedian, words.wide95, words.wideWaiting, words.wideGaps],
];

/** By unit, officer and kind; those of which there is nothing to tell apart are left out. */
export function sliceTables(report: Report, say: Say, columns: Columns): SliceTable[] {
  const { units, officers, kinds } = report;
  return [
    table(say, units, columns, { title: words.byUnit, head: words.unit, none: words.noUnit }),
    table(say, officers, columns, { title: words.byOfficer, head: words.officer, none: words.noOfficer }),
    table(say, kinds, columns, { title: words.byKind, head: words.kind, none: words.noKind }),
  ].filter(({ rows }, i) => rows.length > 1 || [units, officers, kinds][i]?.[0]?.id !== undefined);
}

/** The course over time. */
export function timeTable({ over_time: { step, slots } }: Report, say: Say, columns: Columns): SliceTable {
  const title = { day: words.byDay, week: words.byWeek, month: words.byMonth }[step];
  return {
    title: say(title),
    heads: heads(say, words.time, columns),
    rows: slots.map(({ from, figures }) => [from, ...cells(figures, say)]),
  };
}

function table(
  say: Say,
  slices: readonly Slice[],
  columns: Columns,
  { title, head, none }: { title: Phrase; head: Phrase; none: Phrase },
): SliceTable {
  return {
    title: say(title),
    heads: heads(say, head, columns),
    rows: slices.map((slice) => [sliceName(slice, say(none), say), ...cells(slice.figures, say)]),
  };
}

/** How a slice is called; an id is told beside its name. */
export function sliceName({ id, name }: Slice, none: string, say: Say): string {
  if (id === undefined) return none;
  if (id === "") return say(words.noKindName);
  return name === undefined ? id : `${name} ${id}`;
}

function heads(say: Say, first: Phrase, columns: Columns): Column[] {
  return [
    { title: say(first), side: "left" },
    ...columns.map((phrase): Column => ({ title: say(phrase), side: "right" })),
  ];
}

function cells(figures: Figures, say: Say): string[] {
  const { complete, judged } = judgedOf(figures.activities);
  return [
    hoursCell(figures.recorded_ms),
    String(figures.recordings),
    String(figures.activities.opened),
    judged === 0 ? "–" : `${complete}/${judged}`,
    delayText(figures.upload.median_ms, say),
    delayText(figures.upload.p95_ms, say),
    String(waitingOf(figures)),
    hoursCell(gapMs(figures)),
  ];
}

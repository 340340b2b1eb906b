import type { Report } from "../../../../records/reports/report-types.ts";
import type { Face } from "../../../face/face.ts";
import { pairs, table } from "../../../face/table.ts";
import { momentText } from "../../../face/units.ts";
import { columns, harmless } from "../../../face/width.ts";
import type { Phrase, Say } from "../../../text/phrase.ts";
import { reportWords as words } from "../../../text/records/report/words.ts";
import { causeText, isEmpty, keyFigures, lengthText } from "./figure-text.ts";
import { ledgerFigures } from "./ledger-figures.ts";
import { narrowColumns, type SliceTable, sliceTables } from "./slice-table.ts";

const WIDTH = 80;
const BETWEEN: Phrase = { en: ", ", zh: "，" };
/** Of one table; the other formats have them all. */
const MAX_ROWS = 20;
const ROOT_DIGITS = 16;

/** Lines for a terminal of 80 columns. */
export function terminal(face: Face, report: Report): string[] {
  const say: Say = (phrase, values) => face.say(phrase, values);
  return [
    face.paint("bold", say(words.title)),
    ...about(report, say).map(harmless),
    "",
    ...bold(face, figureTable(report, say)),
    "",
    ...pairs(notes(report, say)),
    ...section(face, say(words.gaps), gapTable(report, say)),
    ...sliceTables(report, say, narrowColumns).flatMap((one) =>
      section(face, one.title, sliceLines(one, say)),
    ),
    ...section(face, say(words.ledgers), ledgerTable(report, say)),
  ];
}

function about(report: Report, say: Say): string[] {
  const { period, previous, time_zone: zone, only } = report;
  const limits = [
    ...(only.unit === undefined ? [] : [say(words.unitIs, { id: only.unit })]),
    ...(only.officer === undefined ? [] : [say(words.officerIs, { id: only.officer })]),
    ...(only.kind === undefined ? [] : [say(words.kindIs, { id: only.kind })]),
  ];
  return [
    say(words.spanLine, {
      span: say(words.span, { ...period }),
      days: say(words.days, { days: period.days, zone }),
    }),
    say(words.before, { ...previous }),
    ...(limits.length > 0 ? [limits.join(say(BETWEEN))] : []),
    ...(limits.length > 0 && isEmpty(report) ? [say(words.nothingOf)] : []),
  ];
}

function figureTable({ total, total_before: before }: Report, say: Say): string[] {
  return table(
    [
      { title: say(words.figure), side: "left" },
      { title: say(words.thisPeriod), side: "right" },
      { title: say(words.lastPeriod), side: "right" },
      { title: say(words.change), side: "right" },
    ],
    keyFigures(total, before, say).map(({ label, value, before: was, change }) => [
      label,
      value,
      was,
      change,
    ]),
  );
}

function notes({ total, total_before: before }: Report, say: Say): [string, string][] {
  const ofFigures = keyFigures(total, before, say).map(({ label, note }): [string, string] => [label, note]);
  const ofLedgers = ledgerFigures(total, say).map(({ label, cells }): [string, string] => [
    label,
    cells.join(say(BETWEEN)),
  ]);
  return [...ofFigures, ...ofLedgers];
}

function gapTable({ total: { gaps } }: Report, say: Say): string[] {
  return gaps.map(({ cause, count, ms }) =>
    say(words.gapLine, {
      cause: harmless(causeText(cause, say)),
      length: lengthText(ms, say),
      gaps: say(words.gapsText, { count }),
    }),
  );
}

function sliceLines({ heads, rows }: SliceTable, say: Say): string[] {
  const shown = rows.slice(0, MAX_ROWS);
  const lines = table(
    heads,
    shown.map(([name = "", ...cells]) => [shortened(name, nameWidth(heads, shown)), ...cells]),
  );
  return rows.length > shown.length
    ? [...lines, say(words.more, { count: rows.length - shown.length })]
    : lines;
}

/** What is left for names where the line is to fit. */
function nameWidth(heads: SliceTable["heads"], rows: readonly string[][]): number {
  const widths = heads.map(({ title }, i) =>
    Math.max(columns(title), ...rows.map((row) => columns(row[i] ?? ""))),
  );
  const numbers = widths.slice(1).reduce((sum, width) => sum + width + 2, 0);
  return Math.max(8, WIDTH - numbers);
}

function shortened(text: string, width: number): string {
  const safe = harmless(text);
  if (columns(safe) <= width) return safe;
  let kept = "";
  for (const char of safe) {
    if (columns(kept + char) >= width) break;
    kept += char;
  }
  return `${kept}…`;
}

function ledgerTable({ ledgers }: Report, say: Say): string[] {
  const lines = table(
    [
      { title: say(words.ledger), side: "left" },
      { title: say(words.entries), side: "right" },
      { title: say(words.root), side: "left" },
      { title: say(words.lastEntry), side: "left" },
    ],
    ledgers
      .slice(0, MAX_ROWS)
      .map(({ dev, size, root, last_utc_ms: last }) => [
        dev.slice(0, ROOT_DIGITS),
        String(size),
        `${root.slice(0, ROOT_DIGITS)}…`,
        momentText(last),
      ]),
  );
  const more = ledgers.length - MAX_ROWS;
  return more > 0 ? [...lines, say(words.more, { count: more })] : lines;
}

function section(face: Face, title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", face.paint("bold", title), ...lines];
}

function bold(face: Face, [head = "", ...rows]: readonly string[]): string[] {
  return [face.paint("bold", head), ...rows];
}

import type { Report } from "../../../../../records/reports/report-types.ts";
import type { Say } from "../../../../text/phrase.ts";
import { pageWords } from "../../../../text/records/report/page.ts";
import { reportWords as words } from "../../../../text/records/report/words.ts";
import { causeText, delayText, hoursNumber, judgedOf, percent, waitingOf } from "../figure-text.ts";
import { sliceName } from "../slice-table.ts";
import { type Bar, barChart, courseChart, type Fill } from "./charts.ts";
import { delayBands } from "./delay-bands.ts";
import { html, type Markup } from "./markup.ts";

const HOUR_MS = 3_600_000;
/** Bars of one chart; the table has them all. */
const MAX_BARS = 8;

/** Recorded hours over time. */
export function hoursFigure({ over_time: { step, slots } }: Report, say: Say): Markup {
  const per = say({ day: pageWords.perDay, week: pageWords.perWeek, month: pageWords.perMonth }[step]);
  const title = `${say(pageWords.hoursChart)} ${per}`;
  const points = slots.map(({ from, figures }) => ({
    name: from.slice(5),
    value: figures.recorded_ms / HOUR_MS,
    isRestDay: step === "day" && [0, 6].includes(new Date(`${from}T00:00:00Z`).getUTCDay()),
  }));
  if (points.every(({ value }) => value === 0)) return empty(title, say);
  const label = spoken(
    title,
    slots.map(({ from, figures }) => [from, say(words.hours, { value: hoursNumber(figures.recorded_ms) })]),
    say,
  );
  const key = points.some(({ isRestDay }) => isRestDay)
    ? keyOf([
        ["full", say(pageWords.workdays)],
        ["middle", say(pageWords.weekends)],
      ])
    : "";
  return framed(title, courseChart(label, { unit: say(pageWords.hoursAxis), points }), key);
}

/** Activities of each kind: complete, incomplete, not judged. */
export function completenessFigure({ kinds }: Report, say: Say): Markup {
  const title = say(pageWords.completenessChart);
  const bars = kinds
    .filter(({ figures }) => figures.activities.opened > 0)
    .sort((a, b) => b.figures.activities.opened - a.figures.activities.opened)
    .slice(0, MAX_BARS)
    .map((slice): Bar => {
      const { activities } = slice.figures;
      const { complete, judged } = judgedOf(activities);
      return {
        name: sliceName(slice, say(words.noKind), say),
        parts: [
          { value: complete, fill: "full" },
          { value: judged - complete, fill: "hatched" },
          { value: activities.opened - judged, fill: "light" },
        ],
        text:
          judged === 0
            ? String(activities.opened)
            : `${complete}/${judged}, ${percent(complete, judged, say)}`,
      };
    });
  return bars.length === 0
    ? empty(title, say)
    : framed(
        title,
        barChart(spokenBars(title, bars, say), bars),
        keyOf([
          ["full", say(pageWords.complete)],
          ["hatched", say(pageWords.incomplete)],
          ["light", say(pageWords.unjudged)],
        ]),
      );
}

/** How long chunks waited for their receipt; those that still wait stand below. */
export function delayFigure({ delays, total }: Report, say: Say): Markup {
  const title = `${say(pageWords.delayChart)}, ${say(pageWords.delayAxis)}`;
  const { chunks } = total.upload;
  if (chunks === 0) return empty(title, say);
  const bands = delayBands(delays).map(({ toMs, chunks: count }): Bar => {
    const name = toMs === null ? say(pageWords.longer) : say(pageWords.upTo, { time: bandText(toMs, say) });
    return { name, parts: [{ value: count, fill: "full" }], text: percent(count, chunks, say) };
  });
  const waiting = waitingOf(total);
  const rest: Bar = {
    name: say(pageWords.notYet),
    parts: [{ value: waiting, fill: "hatched" }],
    text: percent(waiting, chunks, say),
  };
  const bars = [...bands, rest];
  return framed(title, barChart(spokenBars(title, bars, say), bars), "");
}

/** Gaps, the longest cause first. */
export function gapFigure({ total: { gaps } }: Report, say: Say): Markup {
  const title = `${say(pageWords.gapsChart)}, ${say(pageWords.hoursAxis)}`;
  if (gaps.length === 0) return empty(title, say);
  const bars = gaps.slice(0, MAX_BARS).map(
    ({ cause, count, ms }): Bar => ({
      name: causeText(cause, say),
      // muted time has a picture: it is told apart
      parts: [{ value: ms, fill: cause === "muted" ? "light" : "full" }],
      text: `${hoursNumber(ms)} · ${say(words.gapsText, { count })}`,
    }),
  );
  return framed(title, barChart(spokenBars(title, bars, say), bars), "");
}

/** Whole units: the edges of bands are round. */
function bandText(ms: number, say: Say): string {
  return delayText(ms, say).replace(/\.0(?=\D)/, "");
}

function framed(title: string, chart: Markup, key: Markup | string): Markup {
  return html`<figure><figcaption><h3>${title}</h3>${key}</figcaption>${chart}</figure>`;
}

function empty(title: string, say: Say): Markup {
  return html`<figure><figcaption><h3>${title}</h3></figcaption><p class="empty">${say(pageWords.noData)}</p></figure>`;
}

function keyOf(entries: readonly (readonly [Fill, string])[]): Markup {
  const items = entries.map(
    ([fill, text]) =>
      html`<li><svg viewBox="0 0 14 14" aria-hidden="true"><rect class="${fill}" width="14" height="14"/></svg>${text}</li>`,
  );
  return html`<ul class="key">${items}</ul>`;
}

function spokenBars(title: string, bars: readonly Bar[], say: Say): string {
  return spoken(
    title,
    bars.map(({ name, text }) => [name, text]),
    say,
  );
}

/** The chart in words. */
function spoken(title: string, values: readonly (readonly [string, string])[], say: Say): string {
  const told = values.map(([name, value]) => say(pageWords.barText, { name, value }));
  return `${title}. ${told.join("; ")}`;
}

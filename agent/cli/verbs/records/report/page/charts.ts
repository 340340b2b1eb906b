import { columns } from "../../../../face/width.ts";
import { html, type Markup } from "./markup.ts";

/** Charts as plain SVG: what they show stands in them as words, and again in `label` for whoever sees none. */

const WIDTH = 480;
const FONT = 14;
/** Of one column of text, in the chart's units. */
const COLUMN = 7.8;

export type Fill = "full" | "middle" | "light" | "hatched";

export interface Bar {
  name: string;
  parts: { value: number; fill: Fill }[];
  /** Stands behind the bar. */
  text: string;
}

/** One bar under the other, each with its name and value. */
export function barChart(label: string, bars: readonly Bar[]): Markup {
  const row = 30;
  const names = Math.min(170, COLUMN * Math.max(...bars.map(({ name }) => columns(name))) + 10);
  const texts = COLUMN * Math.max(...bars.map(({ text }) => columns(text))) + 18;
  const room = WIDTH - names - texts;
  const most = Math.max(...bars.map(sumOf), Number.MIN_VALUE);
  const height = bars.length * row + 6;
  const rows = bars.map((bar, i) => {
    const y = i * row + 3;
    let x = names;
    const parts = bar.parts
      .filter(({ value }) => value > 0)
      .map(({ value, fill }) => {
        const width = (value / most) * room;
        const part = html`<rect class="${fill}" x="${round(x)}" y="${y + 4}" width="${round(width)}" height="${row - 12}"/>`;
        x += width;
        return part;
      });
    return html`<text x="${names - 8}" y="${y + 18}" text-anchor="end">${fitted(bar.name, names - 10)}</text>${parts}<text class="value" x="${round(x + 6)}" y="${y + 18}">${bar.text}</text>`;
  });
  return svg(label, height, html`${rows}<path class="axis" d="M${names} 2V${height - 4}"/>`);
}

export interface Course {
  /** Heading of the vertical axis. */
  unit: string;
  points: { name: string; value: number; isRestDay: boolean }[];
}

/** Upright bars over time, with a scale at the left and names below as far as they fit. */
export function courseChart(label: string, { unit, points }: Course): Markup {
  const [left, top, bottom, height] = [46, 26, 30, 264];
  const { ticks, most } = scaleOf(Math.max(...points.map(({ value }) => value), 0));
  const slot = (WIDTH - left - 4) / points.length;
  const y = (value: number) => top + (height - top - bottom) * (1 - value / most);
  const lines = ticks.map(
    (tick) =>
      html`<path class="grid" d="M${left} ${round(y(tick))}H${WIDTH}"/><text x="${left - 6}" y="${round(y(tick) + 4)}" text-anchor="end">${tick}</text>`,
  );
  const bars = points.map(({ value, isRestDay }, i) => {
    const x = left + i * slot + slot * 0.14;
    return html`<rect class="${isRestDay ? "middle" : "full"}" x="${round(x)}" y="${round(y(value))}" width="${round(slot * 0.72)}" height="${round(y(0) - y(value))}"/>`;
  });
  const widest = Math.max(...points.map(({ name }) => columns(name))) * COLUMN + 8;
  const every = Math.max(1, Math.ceil(widest / slot));
  const names = points.map(({ name }, i) =>
    i % every === 0
      ? html`<text x="${round(left + (i + 0.5) * slot)}" y="${height - 10}" text-anchor="middle">${name}</text>`
      : "",
  );
  return svg(
    label,
    height,
    html`<text x="0" y="13">${unit}</text>${lines}${bars}${names}<path class="axis" d="M${left} ${round(y(0))}H${WIDTH}"/>`,
  );
}

function svg(label: string, height: number, content: Markup): Markup {
  return html`<svg role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${height}" font-size="${FONT}"><title>${label}</title>${content}</svg>`;
}

function sumOf({ parts }: Bar): number {
  return parts.reduce((sum, { value }) => sum + value, 0);
}

/** Round numbers from 0 up to the first that no value exceeds, four or five of them. */
function scaleOf(most: number): { ticks: number[]; most: number } {
  if (most <= 0) return { ticks: [0, 1], most: 1 };
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  const count = Math.ceil(most / step - 1e-9);
  const ticks = Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(6)));
  return { ticks, most: count * step };
}

function fitted(text: string, width: number): string {
  if (columns(text) * COLUMN <= width) return text;
  let kept = "";
  for (const char of text) {
    if (columns(`${kept}${char}…`) * COLUMN > width) break;
    kept += char;
  }
  return `${kept}…`;
}

function round(value: number): number {
  return Number(value.toFixed(1));
}

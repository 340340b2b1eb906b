import type { Report } from "../../../../../records/reports/report-types.ts";
import { momentText } from "../../../../face/units.ts";
import { type Lang, type Say, speaker } from "../../../../text/phrase.ts";
import { definitions, pageWords } from "../../../../text/records/report/page.ts";
import { reportWords as words } from "../../../../text/records/report/words.ts";
import { keyFigures } from "../figure-text.ts";
import { sliceTables, timeTable, wideColumns } from "../slice-table.ts";
import { completenessFigure, delayFigure, gapFigure, hoursFigure } from "./figures.ts";
import { html, type Markup } from "./markup.ts";
import { style } from "./style.ts";
import { ledgerFigureTable, ledgerTable, sliceTable, stateTable } from "./tables.ts";

/**
 * The report as one HTML page that needs nothing else: no network, no script, no font of its own. It prints
 * on A4, in greys too.
 */
export function page(report: Report, lang: Lang): string {
  const say = speaker(lang);
  const title = `${say(words.title)} ${report.period.from} – ${report.period.to}`;
  const document = html`<!doctype html>
<html lang="${lang === "zh" ? "zh-CN" : "en"}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${style}${running(title, say)}</style>
</head>
<body>
<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff"/><rect width="2.2" height="6" fill="#1c4a73"/></pattern></defs></svg>
<main>
${heading(report, say)}
${report.total.recordings + report.total.activities.opened === 0 ? html`<p class="empty">${say(words.nothing)}</p>` : ""}
<section aria-label="${say(words.figures)}">${figureList(report, say)}</section>
<h2>${say(pageWords.overview)}</h2>
<div class="charts">${[hoursFigure(report, say), completenessFigure(report, say), delayFigure(report, say), gapFigure(report, say)]}</div>
<div class="sheet">${sliceTables(report, say, wideColumns).map(sliceTable)}</div>
<div class="pair">${stateTable(report, say)}${ledgerFigureTable(report, say)}</div>
<div class="sheet">${sliceTable(timeTable(report, say, wideColumns))}</div>
<h2>${say(words.ledgers)}</h2>
${ledgerTable(report, say)}
<h2>${say(pageWords.definitions)}</h2>
<dl class="terms">${definitions.map(({ name, text }) => html`<div><dt>${say(name)}</dt><dd>${say(text)}</dd></div>`)}</dl>
</main>
</body>
</html>`;
  return document.text;
}

/** Title and number of each printed page. */
function running(title: string, say: Say): Markup {
  const font = html`font:8pt "Source Han Sans SC","Noto Sans CJK SC","Droid Sans Fallback",sans-serif;color:#4d5a67`;
  return html`
@page{@top-left{content:"${title}";${font}}@bottom-right{content:"${say(pageWords.page)} " counter(page) " / " counter(pages);${font}}}`;
}

function heading({ period, time_zone: zone, previous, only, ledgers }: Report, say: Say): Markup {
  const limits = [
    only.unit === undefined ? "" : say(words.unitIs, { id: only.unit }),
    only.officer === undefined ? "" : say(words.officerIs, { id: only.officer }),
    only.kind === undefined ? "" : say(words.kindIs, { id: only.kind }),
  ].filter((text) => text !== "");
  const scope = limits.length === 0 ? say(words.wholeOffice) : limits.join(" · ");
  const last = Math.max(...ledgers.map(({ last_utc_ms: ms }) => ms));
  return html`<header>
<h1>${say(words.title)}</h1>
<p class="span">${say(words.span, { ...period })} · ${scope}</p>
<p class="about">${say(words.days, { days: period.days, zone })} · ${say(words.before, { ...previous })}</p>
<p class="about">${say(pageWords.asOf, { ledgers: ledgers.length, time: momentText(last) })}</p>
</header>`;
}

function figureList({ total, total_before: before }: Report, say: Say): Markup {
  const figures = keyFigures(total, before, say).map(
    ({ label, value, before: was, change, note }) =>
      html`<div><dt>${label}</dt><dd class="value">${value}</dd><dd class="note">${note}</dd><dd class="before">${say(words.lastWas, { value: was })} <span class="change">${change}</span></dd></div>`,
  );
  return html`<dl class="figures">${figures}</dl>`;
}

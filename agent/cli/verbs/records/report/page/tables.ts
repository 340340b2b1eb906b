import type { Report } from "../../../../../records/reports/report-types.ts";
import { momentText } from "../../../../face/units.ts";
import type { Say } from "../../../../text/phrase.ts";
import { pageWords } from "../../../../text/records/report/page.ts";
import { stateWords, reportWords as words } from "../../../../text/records/report/words.ts";
import { ledgerFigures } from "../ledger-figures.ts";
import type { SliceTable } from "../slice-table.ts";
import { html, type Markup, type Value } from "./markup.ts";

/** One table of slices, a row for each. */
export function sliceTable({ title, heads, rows }: SliceTable): Markup {
  const body = rows.map(([name = "", ...cells]) => rowOf(name, cells));
  return html`<h2>${title}</h2>${scrolled(
    title,
    html`<table class="slices"><thead><tr>${heads.map(({ title: head }) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${body}</tbody></table>`,
  )}`;
}

/** Activities by state. */
export function stateTable({ total: { activities } }: Report, say: Say): Markup {
  const states = Object.keys(stateWords) as (keyof typeof stateWords)[];
  const rows = states
    .filter((state) => activities[state] > 0)
    .map((state) => rowOf(say(stateWords[state]), [String(activities[state])]));
  return listing(say(pageWords.states), [say(pageWords.state), say(pageWords.count)], rows, say);
}

/** What was inspected, and what was removed from devices and recorders. */
export function ledgerFigureTable({ total }: Report, say: Say): Markup {
  const rows = ledgerFigures(total, say).map(({ label, cells }) => rowOf(label, cells));
  return listing(say(pageWords.ofLedgers), [], rows, say);
}

/** Which ledgers, at which size and root. */
export function ledgerTable({ ledgers }: Report, say: Say): Markup {
  const heads = [words.ledger, words.entries, words.root, words.cosigned, words.lastEntry].map((head) =>
    say(head),
  );
  const rows = ledgers.map(
    ({ dev, size, root, cosigned_size: cosigned, last_utc_ms: last, unit }) =>
      html`<tr><td class="hex">${dev}${unit === undefined ? "" : ` ${unit}`}</td><td>${size}</td><td class="hex">${root}</td><td>${cosigned ?? say(words.notCosigned)}</td><td>${momentText(last)}</td></tr>`,
  );
  return scrolled(
    say(words.ledgers),
    html`<table class="ledgers"><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${rows}</tbody></table>`,
  );
}

function rowOf(name: string, cells: readonly Value[]): Markup {
  return html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;
}

function listing(title: string, heads: readonly string[], rows: readonly Markup[], say: Say): Markup {
  const head =
    heads.length === 0
      ? ""
      : html`<thead><tr>${heads.map((text) => html`<th scope="col">${text}</th>`)}</tr></thead>`;
  const content =
    rows.length === 0
      ? html`<p class="empty">${say(pageWords.noData)}</p>`
      : html`<table>${head}<tbody>${rows}</tbody></table>`;
  return html`<section><h2>${title}</h2>${content}</section>`;
}

/** On a narrow screen a wide table moves by itself, also by keyboard. */
function scrolled(label: string, table: Markup): Markup {
  return html`<div class="wide" role="region" tabindex="0" aria-label="${label}">${table}</div>`;
}

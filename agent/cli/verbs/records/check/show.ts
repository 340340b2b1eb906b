import { visitLedger } from "../../../../../crypto/ledger/visit.ts";
import { type DrawRecord, readDraw, readDraws } from "../../../../records/inspections/inspection-record.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { left, pairs, right, table } from "../../../face/table.ts";
import { momentText } from "../../../face/units.ts";
import { checkWords as say } from "../../../text/records/check.ts";
import { dataDirOf, type Target } from "../../target.ts";

const DAY_MS = 86_400_000;

export type ShowOptions = Target & { json?: boolean };

/** Lists the samples' items, those still to be inspected or all. */
export async function list(
  face: Face,
  { json, all, ...target }: ShowOptions & { all?: boolean },
): Promise<ExitCode> {
  const records = await visitLedger(await dataDirOf(face, target), (reader) =>
    readDraws(reader).map(({ draw }) => readDraw(reader, draw)),
  );
  const wanted = records.map(({ draw, items }) => ({
    draw,
    items: items.filter(({ finding }) => all === true || finding === null),
  }));
  if (json === true) face.printJson({ draws: wanted.map(objectOf) });
  else if (wanted.every(({ items }) => items.length === 0)) face.print(face.say(say.none));
  else face.print(...listLines(face, wanted));
  return 0;
}

/** Shows one draw: rule, seed, sample and every result in order. */
export async function show(face: Face, start: string, { json, ...target }: ShowOptions): Promise<ExitCode> {
  const record = await visitLedger(await dataDirOf(face, target), (reader) => readDraw(reader, start));
  if (json === true) face.printJson(objectOf(record));
  else face.print(...head(face, record), "", ...sampleLines(face, record));
  return 0;
}

function objectOf({ draw, items }: DrawRecord): object {
  return {
    draw: draw.draw,
    seq: draw.seq,
    drawn_ms: draw.utcMs,
    of: draw.of,
    from_ms: draw.from_ms,
    to_ms: draw.to_ms,
    rate: `${draw.rate_n}/${draw.rate_d}`,
    ...(draw.at_least === undefined ? {} : { at_least: draw.at_least }),
    from_seq: draw.from_seq,
    to_seq: draw.to_seq,
    candidates: draw.candidates,
    drawn: draw.drawn,
    repeats: draw.repeats ?? [],
    ...(draw.by === undefined ? {} : { by: draw.by }),
    items: items.map(({ item, finding, results }) => ({
      item,
      finding: finding ?? "open",
      results: results.map(({ seq, utcMs, finding: found, defect, text, corrects, by }) => ({
        seq,
        utc_ms: utcMs,
        finding: found,
        ...(defect === undefined ? {} : { defect }),
        ...(text === undefined ? {} : { text }),
        ...(corrects === undefined ? {} : { corrects }),
        ...(by === undefined ? {} : { by }),
      })),
    })),
  };
}

function periodText({ from_ms: fromMs, to_ms: toMs }: { from_ms: number; to_ms: number }): string {
  return `${momentText(fromMs)} .. ${momentText(toMs)}`;
}

/** Days where it begins and ends with one, UTC; else to the minute. */
function periodCell({ from_ms: fromMs, to_ms: toMs }: { from_ms: number; to_ms: number }): string {
  const letters = fromMs % DAY_MS === 0 && toMs % DAY_MS === 0 ? 10 : 16;
  return [fromMs, toMs].map((ms) => momentText(ms).slice(0, letters).replace(" ", "T")).join("..");
}

function listLines(face: Face, records: readonly DrawRecord[]): string[] {
  return table(
    [
      left(face.say(say.draw)),
      left(face.say(say.period)),
      left(face.say(say.kind)),
      left(face.say(say.item)),
      left(face.say(say.finding)),
    ],
    records.flatMap(({ draw, items }) =>
      items.map(({ item, finding }) => [
        // enough of an id to name it by
        draw.draw.slice(0, 8),
        periodCell(draw),
        face.say(say[draw.of]),
        item.slice(0, 13),
        face.say(finding === "defect" ? say.defect : say[finding ?? "open"], { kind: "" }),
      ]),
    ),
  );
}

function head(face: Face, { draw }: DrawRecord): string[] {
  const rule = {
    rateN: draw.rate_n,
    rateD: draw.rate_d,
    atLeast: draw.at_least ?? 0,
    candidates: draw.candidates,
    drawn: draw.drawn,
  };
  const witness = draw.cosignature.split(" ")[1] ?? "";
  return [
    ...pairs([
      [face.say(say.drawLabel), `${draw.draw}, ${face.say(say[draw.of])}`],
      [face.say(say.periodLabel), periodText(draw)],
      [face.say(say.ruleLabel), face.say(say.rule, rule)],
      [face.say(say.seedLabel), face.say(say.seedText, { size: draw.to_seq, witness })],
    ]),
    ...(draw.repeats === undefined ? [] : [face.say(say.repeated, { repeats: draw.repeats.join(", ") })]),
  ];
}

function sampleLines(face: Face, { items }: DrawRecord): string[] {
  const rows = items.flatMap(({ item, results }) => {
    const rights = new Map(
      results.flatMap(({ corrects, seq }) => (corrects === undefined ? [] : [[corrects, seq]])),
    );
    if (results.length === 0) return [[item, "", face.say(say.open), "", ""]];
    return results.map(({ seq, finding, defect = "", text = "", by = "" }, at) => {
      const right = rights.get(seq);
      const put = right === undefined ? "" : ` (${face.say(say.corrected, { seq: right })})`;
      return [
        at === 0 ? item : "",
        String(seq),
        `${face.say(say[finding], { kind: defect })}${put}`,
        by,
        text,
      ];
    });
  });
  return table(
    [
      left(face.say(say.item)),
      right(face.say(say.entry)),
      left(face.say(say.finding)),
      left(face.say(say.by)),
      left(face.say(say.text)),
    ],
    rows,
  );
}

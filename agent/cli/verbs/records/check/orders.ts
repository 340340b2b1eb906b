import { AgentError } from "../../../../../config/base/errors.ts";
import { visitLedger } from "../../../../../crypto/ledger/visit.ts";
import type { DrawOf } from "../../../../records/inspections/draw-rule.ts";
import { readDraw } from "../../../../records/inspections/inspection-record.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { momentText } from "../../../face/units.ts";
import { checkWords as say } from "../../../text/records/check.ts";
import { ask, given, type LiveOptions } from "../../live/ask.ts";
import { dataDirOf } from "../../target.ts";

export interface DrawOptions extends LiveOptions {
  period: { fromMs: number; toMs: number };
  rate: { rateN: number; rateD: number };
  atLeast?: number;
  of: DrawOf;
  by?: string;
}

export interface ResultOptions extends LiveOptions {
  finding: "in-order" | "defect" | "note";
  defect?: string;
  text?: string;
  corrects?: number;
  by?: string;
}

export async function draw(face: Face, options: DrawOptions): Promise<ExitCode> {
  const { period, rate, atLeast, of, by } = options;
  const wish = {
    of,
    from_ms: period.fromMs,
    to_ms: period.toMs,
    rate_n: rate.rateN,
    rate_d: rate.rateD,
    ...given({ at_least: atLeast, by }),
  };
  await ask(face, options, "check.draw", wish, ({ repeats, ...made }) =>
    [
      face.say(say.drawn, made),
      face.say(say.bounds, { from: made.from_seq, size: made.seed_size }),
      face.say(say.seed, { size: made.seed_size, time: momentText(made.seed_ms) }),
      ...(made.candidates === 0 ? [face.say(say.nothing)] : []),
      ...(repeats.length === 0 ? [] : [face.say(say.repeated, { repeats: repeats.join(", ") })]),
    ].join("\n"),
  );
  return 0;
}

export async function result(
  face: Face,
  start: string,
  itemStart: string,
  options: ResultOptions,
): Promise<ExitCode> {
  const { finding, defect, text, corrects, by } = options;
  const named = await visitLedger(await dataDirOf(face, options), (reader) => {
    const { draw: found, items } = readDraw(reader, start);
    const [item, another] = items.filter((one) => one.item.startsWith(itemStart.toLowerCase()));
    if (item === undefined) throw new AgentError("item-not-drawn", `${itemStart} in draw ${found.draw}`);
    if (another !== undefined) throw new AgentError("draw-ambiguous", itemStart);
    return { draw: found.draw, item: item.item };
  });
  const params = { ...named, finding, ...given({ defect, text, corrects, by }) };
  await ask(face, options, "check.result", params, ({ seq }) => face.say(say.noted, { seq }));
  return 0;
}

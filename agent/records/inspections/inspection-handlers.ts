import { AgentError } from "../../../config/base/errors.ts";
import { type Random, uuid } from "../../../config/base/random.ts";
import type { EntryEnvelope } from "../../../crypto/entry/envelope.ts";
import type { EvidenceWriter } from "../../../crypto/entry/writer.ts";
import type { VerifierKey } from "../../../crypto/keys/vkey.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import type { ControlHandlers } from "../../control/protocol.ts";
import { listBytes } from "./draw-rule.ts";
import { readDraw, readDraws, standingResult } from "./inspection-record.ts";
import { makeDraw } from "./make-draw.ts";
import { repeatsOf } from "./verify-draw.ts";

export interface InspectionParts {
  writer: EvidenceWriter;
  reader: LedgerReader;
  random: Random;
  /** Whose cosignatures may be seeds. */
  witnesses: readonly VerifierKey[];
}

/** An entry names at most so many earlier draws of its period, the last ones. */
const MAX_REPEATS = 100;

/** Spot checks: who draws chooses period and rule, and nothing else. */
export function inspectionHandlers({ writer, reader, random, witnesses }: InspectionParts): ControlHandlers {
  return {
    "check.draw": async ({
      of,
      from_ms: fromMs,
      to_ms: toMs,
      rate_n: rateN,
      rate_d: rateD,
      at_least,
      by,
    }) => {
      if (fromMs >= toMs) throw new AgentError("misuse", "the period has no length");
      if (rateN > rateD) throw new AgentError("misuse", `a rate of ${rateN} in ${rateD}`);
      const made = makeDraw(reader, witnesses, { of, fromMs, toMs, rateN, rateD, atLeast: at_least ?? null });
      if (made === null) throw new AgentError("draw-too-early", new Date(toMs).toISOString());
      if (made.body.candidates === 0) requireLedgerBefore(toMs, reader);
      const draw = uuid(random);
      const repeats = repeatsOf(readDraws(reader), made.body).slice(-MAX_REPEATS);
      const names = { ...(repeats.length === 0 ? {} : { repeats }), ...(by === undefined ? {} : { by }) };
      const { seq } = await writer.appendMedia({ ...made.body, draw, ...names }, [listBytes(made.list)]);
      const { candidates, drawn, from_seq, to_seq } = made.body;
      return { draw, seq, candidates, drawn, from_seq, seed_size: to_seq, seed_ms: made.seedMs, repeats };
    },
    "check.result": async (own) => {
      const { draw, items } = readDraw(reader, own.draw);
      const item = items.find((one) => one.item === own.item);
      if (item === undefined) throw new AgentError("item-not-drawn", `${own.item} in draw ${draw.draw}`);
      if (own.finding === "defect" && own.defect === undefined)
        throw new AgentError("misuse", "a defect without its kind", { next: "--defect KIND" });
      if (own.finding !== "defect" && own.defect !== undefined)
        throw new AgentError("misuse", `the kind of a defect beside ${own.finding}`, {
          next: "--finding defect",
        });
      if (own.finding === "in-order") requireCorrection(own, standingResult(item.results));
      if (own.corrects !== undefined && !item.results.some(({ seq }) => seq === own.corrects))
        throw new AgentError("entry-missing", `entry ${own.corrects} about ${own.item}`);
      return await writer.append({ type: "inspection.result", ...own });
    },
  };
}

/**
 * That nothing was found says something only of a period in which the ledger was there, by its own first entry.
 * Throws `draw-before-ledger`.
 */
function requireLedgerBefore(toMs: number, reader: LedgerReader): void {
  const begunMs = (reader.body(0) as unknown as EntryEnvelope).t.utc_ms;
  if (begunMs >= toMs) throw new AgentError("draw-before-ledger", new Date(begunMs).toISOString());
}

/** A defect that stands is only put right by who names it and says why. Throws `defect-stands`. */
function requireCorrection(
  { corrects, text }: { corrects?: number; text?: string },
  standing: { seq: number; finding: string } | undefined,
): void {
  if (standing?.finding !== "defect" || (corrects === standing.seq && text !== undefined)) return;
  throw new AgentError("defect-stands", `entry ${standing.seq}`);
}

import { sha256 } from "../../../crypto/bytes/digest.ts";
import type { InspectionDraw } from "../../../crypto/entry/inspection-types.ts";
import type { MediaFields } from "../../../crypto/entry/media-fields.ts";
import type { VerifierKey } from "../../../crypto/keys/vkey.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { drawBounds } from "./draw-bounds.ts";
import { type DrawList, type DrawWish, drawSample, listBytes, sampleSize, seedOf } from "./draw-rule.ts";

/** A draw without its names and its media. */
export type PendingDraw = Omit<InspectionDraw, keyof MediaFields | "draw" | "repeats" | "by">;

export interface Draw {
  body: PendingDraw;
  list: DrawList;
  /** When the witness cosigned the seed, by its own clock. */
  seedMs: number;
}

/** Makes the one draw that ledger, witnesses and rule allow. Null: no witness has cosigned after the period's end. */
export function makeDraw(
  reader: LedgerReader,
  witnesses: readonly VerifierKey[],
  wish: DrawWish,
): Draw | null {
  const bounds = drawBounds(reader, witnesses, wish);
  if (bounds === null) return null;
  const { fromSeq, seed } = bounds;
  const { of, fromMs, toMs, rateN, rateD, atLeast } = wish;
  const list = listOf(reader, wish, { fromSeq, toSeq: seed.size }, seedOf(seed.text, seed.line));
  return {
    list,
    seedMs: seed.timeMs,
    body: {
      type: "inspection.draw",
      of,
      from_ms: fromMs,
      to_ms: toMs,
      rate_n: rateN,
      rate_d: rateD,
      ...(atLeast === null ? {} : { at_least: atLeast }),
      from_seq: fromSeq,
      to_seq: seed.size,
      root: seed.root,
      cosignature: seed.line,
      candidates: list.candidates.length,
      drawn: list.sample.length,
      list: sha256(listBytes(list)).toString("hex"),
    },
  };
}

/** Candidates and sample of a part of the ledger, under a seed. */
export function listOf(
  reader: LedgerReader,
  wish: DrawWish,
  { fromSeq, toSeq }: { fromSeq: number; toSeq: number },
  seed: Uint8Array,
): DrawList {
  const candidates = reader.inspections.begunWithin(wish.of, fromSeq, toSeq);
  const sample = drawSample(seed, candidates, sampleSize(candidates.length, wish));
  return { v: 1, of: wish.of, from_seq: fromSeq, to_seq: toSeq, candidates, sample };
}

/** What a draw's entry was asked for. */
export function wishOf(body: InspectionDraw): DrawWish {
  return {
    of: body.of,
    fromMs: body.from_ms,
    toMs: body.to_ms,
    rateN: body.rate_n,
    rateD: body.rate_d,
    atLeast: body.at_least ?? null,
  };
}

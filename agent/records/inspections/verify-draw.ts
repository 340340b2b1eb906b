import { sha256 } from "../../../crypto/bytes/digest.ts";
import type { InspectionDraw } from "../../../crypto/entry/inspection-types.ts";
import type { VerifierKey } from "../../../crypto/keys/vkey.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import type { Stated } from "../activity/activity-record.ts";
import { cosignedAt, drawBounds } from "./draw-bounds.ts";
import { type DrawList, listBytes, seedOf } from "./draw-rule.ts";
import { readDraws, signedText } from "./inspection-record.ts";
import { listOf, wishOf } from "./make-draw.ts";

/** What is wrong with a draw. */
export type DrawFault =
  /** No trusted witness cosigned the checkpoint that it takes its seed from. */
  | "seed-not-cosigned"
  /** The seed was cosigned before the period was over. */
  | "seed-too-early"
  /** The ledger's tree of that size has another root. */
  | "seed-of-other-ledger"
  /** A smaller checkpoint, or another line under this one, was cosigned first after the period's end. */
  | "seed-not-first"
  /** The ledger at hand has no such seed, although it is newer than the draw. */
  | "seed-missing"
  /** Candidates do not begin where the period before ended. */
  | "bounds-differ"
  /** Candidates or sample are not those that the ledger gives. */
  | "list-differs"
  /** It counts other candidates, or another sample, than there are. */
  | "counts-differ"
  /** It was drawn again and does not say so. */
  | "repeat-unsaid"
  /** Another draw has the same id. */
  | "id-twice";

export interface DrawVerdict {
  faults: DrawFault[];
  /** When the seed was cosigned; null: by no trusted witness. */
  seedMs: number | null;
  /** Drawn again, from the ledger. */
  list: DrawList;
  /** Earlier draws of a period that overlaps. */
  repeats: string[];
}

/** Draws again what a draw says to have drawn, from ledger, rule and trusted witnesses, and compares. */
export function verifyDraw(
  reader: LedgerReader,
  witnesses: readonly VerifierKey[],
  draw: Stated<InspectionDraw>,
): DrawVerdict {
  const text = signedText(reader, draw);
  const seedMs = timeOf(text, draw.cosignature, witnesses);
  const earlier = readDraws(reader).filter(({ seq }) => seq < draw.seq);
  const repeats = repeatsOf(earlier, draw);
  const bounds = { fromSeq: draw.from_seq, toSeq: draw.to_seq };
  const list = listOf(reader, wishOf(draw), bounds, seedOf(text, draw.cosignature));
  const faults = new Set<DrawFault>(boundFaults(reader, witnesses, draw));
  if (seedMs === null) faults.add("seed-not-cosigned");
  else if (seedMs <= draw.to_ms) faults.add("seed-too-early");
  if (draw.to_seq > draw.seq || reader.root(draw.to_seq).toString("hex") !== draw.root)
    faults.add("seed-of-other-ledger");
  if (sha256(listBytes(list)).toString("hex") !== draw.list) faults.add("list-differs");
  if (list.candidates.length !== draw.candidates || list.sample.length !== draw.drawn)
    faults.add("counts-differ");
  if (repeats.some((one) => !(draw.repeats ?? []).includes(one))) faults.add("repeat-unsaid");
  if (earlier.some((one) => one.draw === draw.draw)) faults.add("id-twice");
  return { faults: [...faults], seedMs, list, repeats };
}

/** Draws of the same kind whose period overlaps, as an entry names them. */
export function repeatsOf(
  earlier: readonly InspectionDraw[],
  { of, from_ms: fromMs, to_ms: toMs }: Pick<InspectionDraw, "of" | "from_ms" | "to_ms">,
): string[] {
  return earlier
    .filter((one) => one.of === of && one.from_ms < toMs && one.to_ms > fromMs)
    .map(({ draw }) => draw);
}

/** Compares seed and beginning with what the checkpoints at hand give. */
function boundFaults(
  reader: LedgerReader,
  witnesses: readonly VerifierKey[],
  draw: InspectionDraw,
): DrawFault[] {
  const found = drawBounds(reader, witnesses, wishOf(draw));
  if (found === null) return ["seed-missing"];
  const { seed, fromSeq } = found;
  const faults: DrawFault[] = [];
  if (seed.size < draw.to_seq) faults.push("seed-not-first");
  else if (seed.size > draw.to_seq) faults.push("seed-missing");
  else if (seed.line !== draw.cosignature) faults.push("seed-not-first");
  return fromSeq === draw.from_seq ? faults : [...faults, "bounds-differ"];
}

function timeOf(text: string, line: string, witnesses: readonly VerifierKey[]): number | null {
  try {
    return cosignedAt(text, line, witnesses);
  } catch {
    // not even the form of a cosignature
    return null;
  }
}

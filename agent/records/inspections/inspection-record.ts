import { AgentError } from "../../../config/base/errors.ts";
import type { EntryEnvelope } from "../../../crypto/entry/envelope.ts";
import type { InspectionDraw, InspectionResult } from "../../../crypto/entry/inspection-types.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { checkpointText } from "../../../crypto/proof/note.ts";
import { faultyField } from "../../../crypto/proof/rules/fields.ts";
import type { Stated } from "../activity/activity-record.ts";
import { seedOf } from "./draw-rule.ts";
import { listOf, wishOf } from "./make-draw.ts";

export interface DrawnItem {
  /** Recording or activity. */
  item: string;
  /** What was said of it, oldest first; what a later one puts right is among them. */
  results: Stated<InspectionResult>[];
  /** The last finding that counts; null: it is still to be inspected. Notes decide nothing. */
  finding: "in-order" | "defect" | null;
}

/** One draw with its sample, drawn again from the ledger, and what was found. */
export interface DrawRecord {
  draw: Stated<InspectionDraw>;
  items: DrawnItem[];
}

/** Every draw that a ledger holds, oldest first, without its sample. Entries that break the rules of their type are left out. */
export function readDraws(reader: LedgerReader): Stated<InspectionDraw>[] {
  return inspectionEntries(reader).filter((entry) => entry.type === "inspection.draw");
}

/** The draw whose id begins with `start`. Throws `draw-unknown` or `draw-ambiguous`. */
export function readDraw(reader: LedgerReader, start: string): DrawRecord {
  const entries = inspectionEntries(reader);
  const found = entries.filter(
    (entry): entry is Stated<InspectionDraw> =>
      entry.type === "inspection.draw" && entry.draw.startsWith(start.toLowerCase()),
  );
  // of two entries that call themselves the same draw the first is it
  const [draw] = found;
  if (draw === undefined) throw new AgentError("draw-unknown", start);
  if (new Set(found.map((one) => one.draw)).size > 1) throw new AgentError("draw-ambiguous", start);
  return { draw, items: itemsOf(reader, draw, entries) };
}

function itemsOf(
  reader: LedgerReader,
  draw: Stated<InspectionDraw>,
  entries: readonly Stated<InspectionDraw | InspectionResult>[],
): DrawnItem[] {
  const results = entries.filter(
    (entry): entry is Stated<InspectionResult> =>
      entry.type === "inspection.result" && entry.draw === draw.draw,
  );
  return sampleOf(reader, draw).map((item) => {
    const own = results.filter((result) => result.item === item);
    return { item, results: own, finding: findingOf(own) };
  });
}

/** The sample as ledger, recorded seed and rule give it. */
export function sampleOf(reader: LedgerReader, draw: InspectionDraw): string[] {
  const { from_seq: fromSeq, to_seq: toSeq } = draw;
  return listOf(reader, wishOf(draw), { fromSeq, toSeq }, seedOf(signedText(reader, draw), draw.cosignature))
    .sample;
}

/** The checkpoint's text that a draw says to take its seed from. */
export function signedText({ dev }: LedgerReader, { to_seq: size, root }: InspectionDraw): string {
  return checkpointText({ dev, size, root: Buffer.from(root, "hex") });
}

/** The finding that counts of one item; null: it is still to be inspected. */
export function findingOf(results: readonly Stated<InspectionResult>[]): DrawnItem["finding"] {
  const { finding = null } = standingResult(results) ?? {};
  return finding === "note" ? null : finding;
}

/** The result that decides: the last that is no note and that none puts right; undefined: there is none. */
export function standingResult(
  results: readonly Stated<InspectionResult>[],
): Stated<InspectionResult> | undefined {
  const corrected = new Set(results.map(({ corrects }) => corrects));
  return results.findLast(({ seq, finding }) => finding !== "note" && !corrected.has(seq));
}

/** Draws and results in order. Entries that break the rules of their type are left out. */
export function inspectionEntries(reader: LedgerReader): Stated<InspectionDraw | InspectionResult>[] {
  return reader.inspections.seqs().flatMap((seq) => {
    const body = reader.body(seq) as unknown as (InspectionDraw | InspectionResult) & EntryEnvelope;
    return faultyField(body.type, body as never) === null ? [{ ...body, seq, utcMs: body.t.utc_ms }] : [];
  });
}

import type { InspectionDraw, InspectionResult } from "../../../crypto/entry/inspection-types.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import type { Stated } from "../activity/activity-record.ts";
import { type DrawnItem, findingOf, inspectionEntries } from "./inspection-record.ts";

type Finding = DrawnItem["finding"];

/** What became of one draw, without its sample being drawn again. */
export interface DrawSum {
  /** End of the period that was inspected, ms since 1970. */
  toMs: number;
  drawn: number;
  inOrder: number;
  defects: number;
  /** Still to be inspected. */
  open: number;
}

/** Every draw that a ledger holds, oldest first. */
export function sumDraws(reader: LedgerReader): DrawSum[] {
  const draws = new Map<string, { draw: InspectionDraw; byItem: Map<string, Stated<InspectionResult>[]> }>();
  for (const entry of inspectionEntries(reader)) {
    const known = draws.get(entry.draw);
    // of two entries that call themselves the same draw the first is it
    if (entry.type === "inspection.draw" && known === undefined)
      draws.set(entry.draw, { draw: entry, byItem: new Map() });
    if (entry.type === "inspection.result" && known !== undefined)
      known.byItem.set(entry.item, [...(known.byItem.get(entry.item) ?? []), entry]);
  }
  return [...draws.values()].map(({ draw, byItem }) => sumOf(draw, [...byItem.values()].map(findingOf)));
}

function sumOf({ to_ms: toMs, drawn }: InspectionDraw, findings: readonly Finding[]): DrawSum {
  const inOrder = findings.filter((finding) => finding === "in-order").length;
  const defects = findings.filter((finding) => finding === "defect").length;
  return { toMs, drawn, inOrder, defects, open: Math.max(0, drawn - inOrder - defects) };
}

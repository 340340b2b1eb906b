import type { MediaFields } from "./media-fields.ts";

/** Spot checks (ledger-format §5, inspections.md): a sample that nobody can steer, and what was found in it. */

/** The media is the draw written out: canonical JSON of `DrawList`. */
export interface InspectionDraw extends MediaFields {
  type: "inspection.draw";
  /** UUID of the draw. */
  draw: string;
  of: "recordings" | "activities";
  /** The period, half open, ms since 1970 by the witnesses' clocks. */
  from_ms: number;
  to_ms: number;
  /** Share of the candidates: `rate_n` of `rate_d`, rounded up. */
  rate_n: number;
  rate_d: number;
  at_least?: number;
  /** Candidates begin at seqs in `[from_seq, to_seq)`; `to_seq` is the size of the seed's checkpoint. */
  from_seq: number;
  to_seq: number;
  /** Hex root of the tree of size `to_seq`, and the cosignature line that is the seed. */
  root: string;
  cosignature: string;
  /** How many candidates there are, how many are drawn, and the hex SHA-256 of the list. */
  candidates: number;
  drawn: number;
  list: string;
  /** Earlier draws of a period that overlaps. */
  repeats?: string[];
  by?: string;
}

/** What an inspector found in one item of a sample. */
export interface InspectionResult {
  type: "inspection.result";
  draw: string;
  /** Recording or activity. */
  item: string;
  finding: "in-order" | "defect" | "note";
  /** Kind of the defect. */
  defect?: string;
  text?: string;
  /** Seq of the result that this one puts right; that entry stays. */
  corrects?: number;
  by?: string;
}

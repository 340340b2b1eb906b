import * as v from "valibot";
import { uuid } from "./activity-methods.ts";
import { writtenText } from "./text.ts";

/** What a recorder or a dock offers on the control socket for spot checks. */

const count = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
const moment = () => v.pipe(v.number(), v.safeInteger());
const by = { by: v.exactOptional(writtenText(128)) };

export const inspectionParams = {
  "check.draw": v.strictObject({
    of: v.picklist(["recordings", "activities"]),
    from_ms: moment(),
    to_ms: moment(),
    /** Share of the candidates: `rate_n` of `rate_d`. */
    rate_n: count(1, 1_000_000),
    rate_d: count(1, 1_000_000),
    at_least: v.exactOptional(count(1, 1_000_000)),
    ...by,
  }),
  "check.result": v.strictObject({
    draw: uuid(),
    item: uuid(),
    finding: v.picklist(["in-order", "defect", "note"]),
    defect: v.exactOptional(writtenText(64)),
    text: v.exactOptional(writtenText(8192)),
    corrects: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    ...by,
  }),
};

export interface InspectionResults {
  "check.draw": {
    draw: string;
    /** Of the entry. */
    seq: number;
    candidates: number;
    drawn: number;
    /** Candidates begin at this entry or later, and below `seed_size`. */
    from_seq: number;
    /** Size of the checkpoint that the seed is a cosignature of. */
    seed_size: number;
    /** When it was cosigned, by the witness's clock. */
    seed_ms: number;
    /** Earlier draws of a period that overlaps. */
    repeats: string[];
  };
  "check.result": { seq: number };
}

import { join } from "node:path";
import * as v from "valibot";
import { done, parseLine, refusal } from "../../../config/orders/lines.ts";
import { isVersion } from "../rules/version.ts";

/**
 * What the agent asks the updating service, which has the rights that it has not, and what that answers: one line
 * of JSON each (config/orders). An order names no path: there is one bundle, and one unit.
 */

/** Where the one bundle lies that it installs. */
export const STAGED_BUNDLE = "/var/lib/fulltrace/update/staged.raucb";

/** The same, from the data directory that a unit's agent has. */
export function stagedBundleOf(dataDir: string): string {
  return join(dataDir, "update", "staged.raucb");
}

const orderSchema = v.strictObject({ do: v.picklist(["inspect", "install", "status", "good", "restart"]) });
export type UpdateOrder = v.InferOutput<typeof orderSchema>;

const version = v.pipe(v.string(), v.check(isVersion, "no version"));
const bundle = v.strictObject({ compatible: v.string(), version, minimumVersion: version });
const slot = v.strictObject({
  name: v.picklist(["A", "B"]),
  booted: v.boolean(),
  good: v.boolean(),
  holds: v.nullable(bundle),
});
const answerSchema = v.union([
  done,
  v.strictObject({ bundle }),
  v.strictObject({ slots: v.pipe(v.array(slot), v.maxLength(8)), version, minimumVersion: version }),
  refusal,
]);
export type UpdateAnswer = v.InferOutput<typeof answerSchema>;

const SERVICE = "updating service";

/** Throws `bad-request`. */
export function parseOrder(line: string): UpdateOrder {
  return parseLine(orderSchema, line, "bad-request", SERVICE);
}

/** Throws `bad-answer`. */
export function parseAnswer(line: string): UpdateAnswer {
  return parseLine(answerSchema, line, "bad-answer", SERVICE);
}

import * as v from "valibot";
import { AgentError } from "../../../config/base/errors.ts";
import { isVersion } from "../rules/version.ts";

/**
 * What the agent asks the updating service, which has the rights that it has not, and what that answers: one line
 * of JSON each (config/orders). An order names no path: there is one bundle, and one unit.
 */

/** Where the one bundle lies that it installs. */
export const STAGED_BUNDLE = "/var/lib/fulltrace/update/staged.raucb";

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
  v.strictObject({ done: v.literal(true) }),
  v.strictObject({ bundle }),
  v.strictObject({ slots: v.pipe(v.array(slot), v.maxLength(8)), version, minimumVersion: version }),
  v.strictObject({ code: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/)), place: v.string() }),
]);
export type UpdateAnswer = v.InferOutput<typeof answerSchema>;

/** Throws `bad-request`. */
export function parseOrder(line: string): UpdateOrder {
  return parsed(orderSchema, line, "bad-request");
}

/** Throws `bad-answer`. */
export function parseAnswer(line: string): UpdateAnswer {
  return parsed(answerSchema, line, "bad-answer");
}

function parsed<Shape extends v.GenericSchema>(
  shape: Shape,
  line: string,
  code: string,
): v.InferOutput<Shape> {
  try {
    return v.parse(shape, JSON.parse(line));
  } catch (cause) {
    throw new AgentError(code, `updating service: ${(cause as Error).message}`, { cause });
  }
}

import * as v from "valibot";
import { AgentError, errorCode } from "../base/errors.ts";

/** The answer to an order that was carried out, where there is nothing to tell. */
export const done = v.strictObject({ done: v.literal(true) });

/** The answer to one that was not: an error as `AgentError` has it. */
export const refusal = v.strictObject({
  code: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/)),
  place: v.string(),
});
export type Refusal = v.InferOutput<typeof refusal>;

const MAX_PLACE_LETTERS = 1000;

export function refusalOf(error: unknown): Refusal {
  const place = error instanceof AgentError ? error.place : (error as Error).message;
  return { code: errorCode(error).toLowerCase(), place: place.slice(0, MAX_PLACE_LETTERS) };
}

/** What a line of JSON says. Throws `code` when it has another shape. */
export function parseLine<Shape extends v.GenericSchema>(
  shape: Shape,
  line: string,
  code: "bad-request" | "bad-answer",
  service: string,
): v.InferOutput<Shape> {
  try {
    return v.parse(shape, JSON.parse(line));
  } catch (cause) {
    throw new AgentError(code, `${service}: ${(cause as Error).message}`, { cause });
  }
}

import { callAgent } from "../../../control/client.ts";
import type { ControlMethod, ControlRequest, ControlResults } from "../../../control/protocol.ts";
import type { Face } from "../../face/face.ts";
import { dataDirOf, type Target } from "../target.ts";

/** Stopping a recording waits until its last chunk is durable. */
export const ANSWER_MS = 15_000;

export type LiveOptions = Target & { json?: boolean };

/** Asks the running agent and prints its answer: the object itself for machines, else the line that `tell` makes. */
export async function ask<Method extends ControlMethod>(
  face: Face,
  options: LiveOptions,
  method: Method,
  params: ControlRequest<Method>,
  tell: (result: ControlResults[Method]) => string,
  timeoutMs = ANSWER_MS,
): Promise<ControlResults[Method]> {
  const result = await callAgent(await dataDirOf(face, options), method, params, { timeoutMs });
  if (options.json === true) face.printJson(result);
  else face.print(tell(result));
  return result;
}

type Given<Values> = {
  [Key in keyof Values as undefined extends Values[Key] ? never : Key]: Values[Key];
} & {
  [Key in keyof Values as undefined extends Values[Key] ? Key : never]?: Exclude<Values[Key], undefined>;
};

/** Without the options that nobody gave. */
export function given<Values extends object>(values: Values): Given<Values> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Given<Values>;
}

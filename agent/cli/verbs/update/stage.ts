import { AgentError } from "../../../../config/base/errors.ts";
import { readNamedFile } from "../../../../config/base/named-file.ts";
import { callAgent } from "../../../control/client.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { updateWords as say } from "../../text/update/words.ts";
import type { LiveOptions } from "../live/ask.ts";
import { dataDirOf } from "../target.ts";
import { orderLines } from "./order-lines.ts";
import { stageBundle } from "./stage-bundle.ts";

const ANSWER_MS = 180_000;

/** Puts the bundle on the unit, with the order for it if there is one: it is installed when nothing is in the way. */
export async function stage(
  face: Face,
  bundle: string,
  options: LiveOptions & { order?: string },
): Promise<ExitCode> {
  const dataDir = await dataDirOf(face, options);
  const { doing, orders: before } = await callAgent(dataDir, "update.status", {}, { timeoutMs: ANSWER_MS });
  if (doing !== null) throw new AgentError("update-busy", doing);
  // first: an order that is refused should leave nothing behind
  const envelope = options.order === undefined ? null : `${readNamedFile(options.order)}`.trimEnd();
  if (envelope !== null) await callAgent(dataDir, "update.order", { envelope }, { timeoutMs: ANSWER_MS });
  face.progress(face.say(say.staging));
  stageBundle(bundle, dataDir);
  const { orders } =
    envelope === null && before.length === 0
      ? { orders: before }
      : await callAgent(dataDir, "update.status", {}, { timeoutMs: ANSWER_MS });
  if (options.json === true) face.printJson({ orders });
  else face.print(face.say(say.staged), ...orderLines(face, orders));
  return 0;
}

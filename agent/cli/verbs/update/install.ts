import { systemClock } from "../../../../config/base/clock.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import { callAgent } from "../../../control/client.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { updateWords as say } from "../../text/update/words.ts";
import type { LiveOptions } from "../live/ask.ts";
import { dataDirOf } from "../target.ts";
import { stageBundle } from "./stage-bundle.ts";

const ANSWER_MS = 180_000;
const BETWEEN_MS = 3_000;

/** Puts the bundle where the updating service looks, has it installed, and waits until the unit restarts into it. */
export async function install(face: Face, bundle: string, options: LiveOptions): Promise<ExitCode> {
  const dataDir = await dataDirOf(face, options);
  // before anything is written: what is in the way now would be in the way then
  const { obstacles } = await callAgent(dataDir, "update.status", {}, { timeoutMs: ANSWER_MS });
  if (obstacles.length > 0) throw new AgentError("update-blocked", obstacles.join(", "));
  face.progress(face.say(say.staging));
  stageBundle(bundle, dataDir);
  const { version } = await callAgent(dataDir, "update.install", {}, { timeoutMs: ANSWER_MS });
  await untilInstalled(face, dataDir);
  if (options.json === true) face.printJson({ version });
  else face.print(face.paint("green", face.say(say.installed, { version })));
  return 0;
}

/** Throws what the installation failed with. */
async function untilInstalled(face: Face, dataDir: string): Promise<void> {
  for (;;) {
    const told = await callAgent(dataDir, "update.status", {}, { timeoutMs: ANSWER_MS });
    if (told.failure !== null) throw new AgentError(told.failure.code, told.failure.place);
    if (told.doing !== "installing") return;
    face.progress(face.say(say.installing));
    await systemClock.sleep(BETWEEN_MS);
  }
}

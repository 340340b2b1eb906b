import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { words } from "../../text/words.ts";
import { ANSWER_MS, ask, type LiveOptions } from "./ask.ts";

/** Waits until the receiver has promised custody of everything. */
export async function flush(face: Face, options: LiveOptions & { timeoutS: number }): Promise<ExitCode> {
  const timeoutMs = options.timeoutS * 1000;
  const { receipted } = await ask(
    face,
    options,
    "sync.flush",
    { timeout_ms: timeoutMs },
    (result) => face.say(result.receipted ? words.flushed : words.notFlushed),
    timeoutMs + ANSWER_MS,
  );
  return receipted ? 0 : 1;
}

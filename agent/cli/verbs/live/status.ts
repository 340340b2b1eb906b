import { AgentError, errorCode } from "../../../../config/base/errors.ts";
import type { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { callAgent } from "../../../control/client.ts";
import type { AgentStatus } from "../../../control/protocol.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { pairs } from "../../face/table.ts";
import { momentText } from "../../face/units.ts";
import { words } from "../../text/words.ts";
import { dataDirOf } from "../target.ts";
import { ANSWER_MS, type LiveOptions } from "./ask.ts";
import { alarmLines, statusLines } from "./status-lines.ts";

export type StatusOptions = LiveOptions & { watch?: boolean };

/** Tells what the agent does; without one, what its directory holds, and answers no. */
export async function status(face: Face, options: StatusOptions): Promise<ExitCode> {
  const dataDir = await dataDirOf(face, options);
  if (options.watch === true) {
    const { watch } = await import("./watch/watch.ts");
    return await watch(face, dataDir, options.json === true);
  }
  let live: AgentStatus;
  try {
    live = await callAgent(dataDir, "status", {}, { timeoutMs: ANSWER_MS });
  } catch (error) {
    if (!(error instanceof AgentError) || error.code !== "agent-not-running") throw error;
    return tellResting(face, dataDir, options.json === true, error);
  }
  if (options.json === true) face.printJson({ running: true, ...live });
  else
    face.print(...alarmLines(face, live).map((line) => face.paint("red", line)), ...statusLines(face, live));
  return 0;
}

/** What the directory of an agent that does not run holds; throws `absence` where that is no ledger. */
async function tellResting(
  face: Face,
  dataDir: string,
  asJson: boolean,
  absence: AgentError,
): Promise<ExitCode> {
  const { visitLedger } = await import("../../../../crypto/ledger/visit.ts");
  const { dev, size, lastUtcMs, open } = await visitLedger(dataDir, restingFacts).catch((error: unknown) => {
    throw errorCode(error) === "ledger-missing" ? absence : error;
  });
  if (asJson) {
    face.printJson({ running: false, dev, size, last_utc_ms: lastUtcMs, open_recordings: open });
  } else {
    face.print(
      ...pairs([
        [face.say(words.running), face.say(words.no)],
        [face.say(words.device), dev],
        [face.say(words.entries), String(size)],
        [face.say(words.lastEntry), momentText(lastUtcMs)],
        [face.say(words.openRecordings), open.length === 0 ? face.say(words.none) : open.join(", ")],
      ]),
    );
  }
  return 1;
}

function restingFacts(reader: LedgerReader): {
  dev: string;
  size: number;
  lastUtcMs: number;
  open: string[];
} {
  const size = reader.size();
  const { utc_ms: lastUtcMs } = reader.body(size - 1).t as { utc_ms: number };
  return { dev: reader.dev, size, lastUtcMs, open: reader.recordings.open().map(({ rec }) => rec) };
}

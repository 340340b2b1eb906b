import type { Clock } from "../../config/base/clock.ts";
import { errorCode } from "../../config/base/errors.ts";
import { DirectoryLock } from "../../crypto/ledger/db/directory-lock.ts";
import { callAgent } from "../control/client.ts";
import type { Patient } from "./check.ts";

export type AgentAnswer = Pick<Patient, "live" | "silence">;

export const NOBODY: AgentAnswer = { live: null, silence: null };

const ANSWER_MS = 5_000;
/** An agent that starts has its directory before it listens. */
const START_MS = 5_000;
const LOOK_MS = 200;

/**
 * What the agent of a directory says of itself. One that is just starting is waited for: whoever took it for none
 * would open what it is about to open, and put it out of its broker.
 */
export async function askAgent(dataDir: string, clock: Clock): Promise<AgentAnswer> {
  const beganUs = clock.monoUs();
  for (;;) {
    try {
      return { live: await callAgent(dataDir, "status", {}, { timeoutMs: ANSWER_MS }), silence: null };
    } catch (error) {
      const code = errorCode(error);
      if (code !== "agent-not-running") return { live: null, silence: code };
      if (!DirectoryLock.isHeld(dataDir)) return NOBODY;
      if (clock.monoUs() - beganUs > START_MS * 1000) return { live: null, silence: "store-locked" };
    }
    await clock.sleep(LOOK_MS);
  }
}

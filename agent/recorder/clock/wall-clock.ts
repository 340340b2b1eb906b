import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { AgentError } from "../../../config/base/errors.ts";

const TIMEOUT_MS = 5_000;
const run = promisify(execFile);

/** Sets this machine's clock with `date` (GNU and BusyBox). Throws `clock-not-set`, as without CAP_SYS_TIME. */
export async function setWallClock(utcMs: number): Promise<void> {
  try {
    await run("date", ["-u", "-s", `@${Math.round(utcMs / 1000)}`], {
      timeout: TIMEOUT_MS,
      killSignal: "SIGKILL",
    });
  } catch (cause) {
    throw new AgentError("clock-not-set", "date", { cause, next: "give the agent CAP_SYS_TIME" });
  }
}

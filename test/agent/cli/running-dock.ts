import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { callAgent } from "../../../agent/control/client.ts";
import { errorCode } from "../../../config/base/errors.ts";
import { dock } from "../../config/sample-config.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { MAIN } from "./command-line.ts";

export interface RunningDock {
  child: ChildProcess;
  config: string;
  dataDir: string;
  folder: string;
}

/** Starts a dock's agent, `more` standing at the end of its configuration, and waits until it answers. */
export async function runningDock(
  t: TestContext,
  more = "",
  folder = temporaryDirectory(t),
): Promise<RunningDock> {
  const config = join(folder, "dock.toml");
  writeFileSync(config, `${dock}\n${more}`);
  const child = spawn(process.execPath, [MAIN, "run", "--config", config], { stdio: "ignore" });
  t.after(() => child.kill("SIGKILL"));
  const dataDir = join(folder, "data");
  const deadline = AbortSignal.timeout(60_000);
  for (;;) {
    try {
      await callAgent(dataDir, "status", {}, { timeoutMs: 1000 });
      return { child, config, dataDir, folder };
    } catch (error) {
      assert.equal(errorCode(error), "agent-not-running");
      deadline.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

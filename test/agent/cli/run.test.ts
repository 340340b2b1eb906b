import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { callAgent } from "../../../agent/control/client.ts";
import { errorCode } from "../../../config/base/errors.ts";
import { dock } from "../../config/sample-config.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { fulltrace, MAIN } from "./command-line.ts";

/** Starts a dock's agent and waits until it answers. */
async function runningDock(t: TestContext) {
  const folder = temporaryDirectory(t);
  const config = join(folder, "dock.toml");
  writeFileSync(config, dock);
  const child = spawn(process.execPath, [MAIN, "run", "--config", config], { stdio: "ignore" });
  t.after(() => child.kill("SIGKILL"));
  const dataDir = join(folder, "data");
  const deadline = AbortSignal.timeout(20_000);
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

test("an agent runs, keeps others out of its directory, takes activities, and ends in order", async (t) => {
  const { child, config, dataDir, folder } = await runningDock(t);

  const second = await fulltrace(["run", "--config", config]);
  assert.equal(second.exit, 1);
  assert.match(second.stderr, /fulltrace: store-locked: .*writer\.lock\n {2}Another process writes/);

  const about = ["--kind", "patrol", "--title", "巡逻", "--config", config];
  assert.equal((await fulltrace(["activity", "open", ...about])).exit, 0);
  const noCamera = await fulltrace(["record", "start", "--config", config]);
  assert.equal(noCamera.exit, 1);
  assert.match(noCamera.stderr, /not-in-this-role: record\.start/);

  child.kill("SIGTERM");
  const [exit] = await once(child, "exit", { signal: AbortSignal.timeout(10_000) });
  assert.equal(exit, 0);

  const key = JSON.parse((await fulltrace(["key", "show", "--config", config, "--json"])).stdout).device;
  const trust = join(folder, "trust.toml");
  writeFileSync(trust, `quorum = 0\ndevice = ["${key}"]\n`);
  const verified = await fulltrace(["verify", dataDir, "--trust", trust, "--json"]);
  assert.equal(JSON.parse(verified.stdout).verdict, "authentic-unwitnessed-tail", verified.stdout);
});

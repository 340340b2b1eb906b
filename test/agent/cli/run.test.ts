import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fulltrace } from "./command-line.ts";
import { runningDock } from "./running-dock.ts";

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
  const [exit] = await once(child, "exit", { signal: AbortSignal.timeout(60_000) });
  assert.equal(exit, 0);

  const key = JSON.parse((await fulltrace(["key", "show", "--config", config, "--json"])).stdout).device;
  const trust = join(folder, "trust.toml");
  writeFileSync(trust, `quorum = 0\ndevice = ["${key}"]\n`);
  const verified = await fulltrace(["verify", dataDir, "--trust", trust, "--json"]);
  assert.equal(JSON.parse(verified.stdout).verdict, "authentic-unwitnessed-tail", verified.stdout);
});

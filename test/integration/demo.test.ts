import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { AgentProcess, fulltrace } from "../../scripts/demo/agent-process.ts";
import type { DemoResult } from "../../scripts/demo/play.ts";
import { temporaryDirectory } from "../support/surroundings.ts";

const DEMO = fileURLToPath(new URL("../../scripts/demo/demo.js", import.meta.url));
const run = promisify(execFile);

async function demo(...args: string[]): Promise<DemoResult> {
  const { stdout } = await run(process.execPath, [DEMO, "--json", ...args]);
  return JSON.parse(stdout) as DemoResult;
}

/** Frames that ffprobe decodes of the first video stream. */
async function decodedFrames(file: string): Promise<number> {
  const args = [
    "-v",
    "error",
    "-count_frames",
    "-select_streams",
    "v:0",
    "-show_entries",
    "stream=nb_read_frames",
  ];
  const { stdout } = await run("ffprobe", [...args, "-of", "csv=p=0", file]);
  return Number.parseInt(stdout, 10);
}

/** What `fulltrace doctor` says of each check. */
async function doctor(config: string): Promise<Map<string, string>> {
  const { stdout } = await fulltrace(["doctor", "--config", config, "--json"]);
  const { checks } = JSON.parse(stdout) as { checks: { id: string; status: string }[] };
  return new Map(checks.map(({ id, status }) => [id, status]));
}

test("the demo ends with both copies authentic, and its configurations serve afterwards", async (t) => {
  const data = temporaryDirectory(t);
  const result = await demo("--data", data, "--seconds", "8");
  assert.deepEqual([result.ok, result.verdicts], [true, { recorder: "authentic", receiver: "authentic" }]);
  assert.ok(result.connections >= 2, "the broker was lost once");
  assert.ok(result.backlog_bytes > 0, "evidence waited meanwhile");
  // 4 s of pre-event buffer and 8 s of recording at 25 frames a second
  assert.ok((await decodedFrames(result.paths.video)) >= 12 * 25);

  const recorder = new AgentProcess(
    result.paths.recorder_config,
    result.paths.recorder,
    join(data, "again.log"),
  );
  const receiver = new AgentProcess(
    result.paths.receiver_config,
    join(data, "receiver"),
    join(data, "again.log"),
  );
  t.after(() => {
    recorder.abandon();
    receiver.abandon();
  });
  await receiver.start();
  await recorder.start();
  await recorder.waitFor(
    ({ recording, sync }) =>
      recording?.state === "pre-event" && sync?.receiver !== undefined && sync.backlog_entries === 0,
    60_000,
  );
  const ofLive = await doctor(result.paths.recorder_config);
  await assertBundleOfLive(t, result.paths.recorder_config);
  await recorder.stop();
  const ofDead = await doctor(result.paths.recorder_config);
  for (const [found, agent] of [
    [ofLive, "ok"],
    [ofDead, "warn"],
  ] as const) {
    const asked = ["agent", "ledger", "media", "tcp", "mqtt", "acl", "receiver"];
    assert.deepEqual(
      asked.map((id) => found.get(id)),
      [agent, ...asked.slice(1).map(() => "ok")],
      "one asks the agent, the other the receiver itself",
    );
  }
  await receiver.stop();
  for (const copy of [result.paths.recorder, result.paths.receiver]) {
    const { code, stdout } = await fulltrace(["verify", copy, "--trust", result.paths.trust, "--json"]);
    assert.deepEqual([code, JSON.parse(stdout).verdict], [0, "authentic"]);
  }
});

/** What a running agent says of itself is in the bundle: numbers and states, no names. */
async function assertBundleOfLive(t: TestContext, config: string): Promise<void> {
  const folder = temporaryDirectory(t);
  const bundle = join(folder, "bundle.tar.gz");
  await fulltrace(["doctor", "--config", config, "--bundle", bundle, "--json"]);
  await run("tar", ["-xzf", bundle, "-C", folder]);
  const text = readFileSync(join(folder, "status.json"), "utf8");
  const status = JSON.parse(text);
  assert.deepEqual(
    [status.role, status.recording.state, status.sync.connected],
    ["recorder", "pre-event", true],
  );
  assert.ok(status.size > 0 && status.pid > 0);
  assert.doesNotMatch(text, /district|127\.0\.0\.1|[0-9a-f]{32}/);
}

test("a short silent file is recorded whole, and its end is the recording's", async (t) => {
  const data = temporaryDirectory(t);
  const source = join(data, "short.mkv");
  const picture = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=20", "-t", "3"];
  await run("ffmpeg", ["-v", "error", ...picture, "-c:v", "mjpeg", source]);
  const result = await demo("--data", join(data, "demo"), "--seconds", "6", "--source", source);
  assert.equal(result.ok, true);
  assert.equal(await decodedFrames(result.paths.video), 60);
});

test("misuse of the demo is told, and leaves nothing behind", async (t) => {
  const data = join(temporaryDirectory(t), "never");
  await assert.rejects(demo("--data", data, "--seconds", "soon"), { code: 2 });
  assert.equal(existsSync(data), false);
});

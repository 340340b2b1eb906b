import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { stringify } from "smol-toml";
import { deviceVkey, formatVkey } from "../../crypto/keys/vkey.ts";
import { LedgerReader } from "../../crypto/ledger/db/reader.ts";
import { AgentProcess, fulltrace } from "../../scripts/demo/agent-process.ts";
import { temporaryDirectory } from "../support/surroundings.ts";

const CAMERA_TIMEOUT_MS = 60_000;
const CHUNK_MS = 2000;
/** A chunk is closed when one more fragment would make it longer than this. */
const CHUNK_SLACK_MS = 200;

function recorderIn(t: TestContext, keyframeMs: number) {
  const root = temporaryDirectory(t);
  const dataDir = join(root, "recorder");
  const config = join(root, "recorder.toml");
  writeFileSync(
    config,
    stringify({
      role: "recorder",
      data_dir: dataDir,
      device: { model: "test", serial: "1" },
      camera: { source: "testsrc", size: "320x240", rate: 25, keyframe_ms: keyframeMs },
      recording: { chunk_ms: CHUNK_MS, pre_event_ms: 1000 },
      disk: { reserve_bytes: 0, stop_bytes: 0 },
    }),
  );
  const agent = new AgentProcess(config, dataDir, join(root, "log"));
  t.after(() => agent.abandon());
  return { root, dataDir, agent };
}

/** The verdict of the program itself on a device's directory, trusting the device alone. */
async function verdictOn(root: string, dataDir: string): Promise<string> {
  const reader = LedgerReader.open(dataDir);
  const trust = join(root, "trust.toml");
  writeFileSync(trust, stringify({ quorum: 0, device: [formatVkey(deviceVkey(reader.deviceKey))] }));
  reader.close();
  const { stdout } = await fulltrace(["verify", dataDir, "--trust", trust, "--json"]);
  const { verdict, problems } = JSON.parse(stdout) as { verdict: string; problems: unknown[] };
  assert.deepEqual(problems, []);
  return verdict;
}

for (const { keyframeMs, killAtMs } of [
  { keyframeMs: 1000, killAtMs: 1500 },
  { keyframeMs: 1000, killAtMs: 4700 },
  { keyframeMs: 10_000, killAtMs: 7900 },
]) {
  test(`killed ${killAtMs} ms into a recording with keyframes ${keyframeMs} ms apart, it loses at most the open chunk`, async (t) => {
    const { root, dataDir, agent } = recorderIn(t, keyframeMs);
    await agent.start();
    await agent.waitFor(({ recording }) => (recording?.pre_event_ms ?? 0) > 0, CAMERA_TIMEOUT_MS);
    const { rec } = await agent.call("record.start", { trigger: "button" });
    const { recording } = await agent.waitFor(
      (status) => (status.recording?.media_ms ?? 0) >= killAtMs,
      CAMERA_TIMEOUT_MS,
    );
    await agent.kill();

    await agent.start();
    await agent.stop();
    const reader = LedgerReader.open(dataDir);
    const row = reader.recordings.all().find((one) => one.rec === rec);
    const stop = reader.body(row?.stopSeq as number);
    assert.equal(stop.recovered, true);
    const last = reader.media.of(rec).at(-1);
    const savedMs = Number(reader.body(last?.seq as number).to_us) / 1000;
    const lostMs = (recording?.media_ms as number) - savedMs;
    assert.ok(lostMs <= CHUNK_MS + CHUNK_SLACK_MS, `${lostMs} ms lost`);
    assert.deepEqual(reader.recordings.open(), []);
    assert.equal(await verdictOn(root, dataDir), "authentic-unwitnessed-tail");
  });
}

test("two agents cannot write one ledger", async (t) => {
  const { root, agent } = recorderIn(t, 1000);
  await agent.start();
  const second = await fulltrace(["run", "--config", join(root, "recorder.toml")]);
  assert.equal(second.code, 1);
  assert.match(second.stderr, /store-locked/);
  await agent.waitFor(() => true, CAMERA_TIMEOUT_MS);
});

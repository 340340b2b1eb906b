import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parse, stringify } from "smol-toml";
import { systemClock } from "../../config/base/clock.ts";
import { AgentProcess, fulltrace } from "../../scripts/demo/agent-process.ts";
import { layOut } from "../../scripts/demo/layout.ts";

// Live pictures from the kernel's test camera and sound from its loopback card, through the agent's own
// V4L2 and ALSA source, into a ledger that a receiver has witnessed.

const RECORDING_MS = 12_000;
const PRE_EVENT_MS = 2_000;
const START_MS = 60_000;
const CAMERA_MS = 60_000;
const RECEIPT_MS = 60_000;
const TEST_MS = 230_000;
const folder = mkdtempSync("/tmp/live-");
let player: ChildProcess | null = null;

before(() => {
  // one capture device of video, with a webcam's sizes
  execFileSync("modprobe", ["vivid", "n_devs=1", "node_types=0x1", "num_inputs=1", "input_types=0"]);
  execFileSync("modprobe", ["snd-aloop"]);
  execFileSync("udevadm", ["settle", "--timeout=60"]);
  const tone = ["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"];
  player = spawn(
    "ffmpeg",
    ["-v", "error", "-nostdin", ...tone, "-ac", "2", "-c:a", "pcm_s16le", "-f", "alsa", "hw:Loopback,0"],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
});

after(() => {
  player?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

test("pictures and sound of devices end in a ledger that is authentic", { timeout: TEST_MS }, async () => {
  const layout = await layOut(folder, "/dev/video0", "en");
  const config = parse(readFileSync(layout.recorderConfig, "utf8"));
  const camera = { source: "v4l2", device: "/dev/video0", size: "320x180", rate: 10 };
  writeFileSync(layout.recorderConfig, stringify({ ...config, camera, audio: { device: "hw:Loopback,1" } }));
  const logOf = (name: string) => join(folder, `${name}.log`);
  const receiver = new AgentProcess(layout.receiverConfig, layout.receiver, logOf("receiver"));
  const recorder = new AgentProcess(layout.recorderConfig, layout.recorder, logOf("recorder"));
  try {
    await receiver.start(START_MS);
    await recorder.start(START_MS);
    await recorder.waitFor(({ recording }) => (recording?.pre_event_ms ?? 0) >= PRE_EVENT_MS, CAMERA_MS);
    const { rec } = await recorder.call("record.start", { trigger: "button", wearer: "LAB-1" });
    await systemClock.sleep(RECORDING_MS);
    await recorder.call("record.stop", { reason: "button" });
    const { receipted } = await recorder.call("sync.flush", { timeout_ms: RECEIPT_MS });
    assert.ok(receipted);
    const { alarms } = await recorder.call("status", {});
    assert.deepEqual(
      alarms.filter(({ code }) => code.startsWith("camera") || code.startsWith("microphone")),
      [],
    );
    await recorder.stop();
    await receiver.stop();
    for (const data of [layout.recorder, layout.replica]) {
      const { code, stdout, stderr } = await fulltrace(["verify", data, "--trust", layout.trust, "--json"]);
      assert.equal(code, 0, stderr || stdout);
      const { verdict } = JSON.parse(stdout) as { verdict: string };
      assert.match(verdict, /^authentic(-unwitnessed-tail)?$/);
    }
    const video = join(folder, "saved.mp4");
    const saved = await fulltrace(["recording", "save", rec, video, "--data", layout.replica]);
    assert.equal(saved.code, 0, saved.stderr);
    assert.deepEqual(tracksOf(video), ["audio", "video"]);
  } catch (error) {
    for (const log of ["recorder", "receiver"].map(logOf).filter((path) => existsSync(path)))
      process.stdout.write(readFileSync(log, "utf8"));
    throw error;
  } finally {
    recorder.abandon();
    receiver.abandon();
  }
});

function tracksOf(video: string): string[] {
  const options = ["-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0"];
  return String(execFileSync("ffprobe", [...options, `file:${video}`]))
    .trim()
    .split("\n")
    .sort();
}

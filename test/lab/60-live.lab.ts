import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parse, stringify } from "smol-toml";
import { layOut } from "../../scripts/demo/layout.ts";
import { playOut } from "../../scripts/demo/play.ts";

// Live pictures from the kernel's test camera and sound from its loopback card, through the agent's own
// V4L2 and ALSA source, into a ledger that a receiver has witnessed.

const RECORDING_S = 12;
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
  writeFileSync(
    layout.recorderConfig,
    stringify({
      ...config,
      camera: { source: "v4l2", device: "/dev/video0", size: "320x180", rate: 10 },
      audio: { device: "hw:Loopback,1" },
    }),
  );
  const told: string[] = [];
  const result = await playOut(layout, RECORDING_S, {
    tell: (phrase) => void told.push(phrase.en),
    say: (phrase) => phrase.en,
  }).catch((error: unknown) => {
    process.stdout.write(readFileSync(join(folder, "recorder.log"), "utf8"));
    throw error;
  });
  assert.deepEqual(result.problems, []);
  assert.match(result.verdicts.recorder, /^authentic(-unwitnessed-tail)?$/);
  assert.match(result.verdicts.receiver, /^authentic(-unwitnessed-tail)?$/);
  const kinds = execFileSync("ffprobe", [
    ...["-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0"],
    `file:${result.paths.video}`,
  ]);
  assert.deepEqual(String(kinds).trim().split("\n").sort(), ["audio", "video"]);
});

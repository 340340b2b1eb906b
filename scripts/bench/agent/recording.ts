import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { stringify } from "smol-toml";
import { systemRandom } from "../../../config/base/random.ts";
import { createKeyFile } from "../../../crypto/keys/key-file.ts";
import { AgentProcess } from "../../demo/agent-process.ts";
import type { Bench } from "../bench-run.ts";
import { run } from "../measure/children.ts";
import { cpuMs, memoryMib } from "../measure/process-usage.ts";
import type { Measurement } from "../measure/row.ts";
import { say } from "../measure/say.ts";
import { elapsedMs } from "../measure/timing.ts";
import { type Office, openOffice, SHARD } from "./office.ts";

const BITS_PER_S = 4_000_000;
const PRE_EVENT_MS = 30_000;
/** The buffer keeps whole fragments from a keyframe on: it is full a little below its span. */
const FULL_BUFFER_MS = PRE_EVENT_MS - 2_000;
/** The pre-event buffer has been sent when no more than what is being recorded waits. */
const CAUGHT_UP_BYTES = 2_000_000;
const TIMEOUT_MS = 60_000;

/** What one process took while it recorded and synced. */
interface Usage {
  cpuShare: number;
  peakMib: number;
  loopDelayP99Ms: number | null;
}

/**
 * A recorder (`fulltrace run`) with a camera of 4 Mbit/s, a Mosquitto and a receiver: what the recorder's
 * own process takes, its ffmpeg apart. Watching the event loop costs CPU time itself, hence a run of its own.
 */
export async function benchRecording({ workDir, full }: Bench): Promise<Measurement[]> {
  const windowMs = full ? 120_000 : 20_000;
  const source = await makeSource(workDir, (windowMs + 2 * TIMEOUT_MS) / 1000);
  say("recording: CPU and memory");
  const plain = await record(join(workDir, "recorder"), source, windowMs);
  say("recording: event loop");
  process.env["FULLTRACE_WATCH_LOOP"] = "1";
  const watched = await record(join(workDir, "watched-recorder"), source, windowMs);
  delete process.env["FULLTRACE_WATCH_LOOP"];
  return [
    {
      name: "recorder's own CPU while recording and syncing 4 Mbit/s / 3 % of a core",
      value: plain.cpuShare * 100,
      unit: "%",
      yardstick: 3,
      goal: { atMost: 1 },
    },
    {
      name: "recorder's peak memory, 30 s of pre-event buffer included / 110 MiB",
      value: plain.peakMib,
      unit: "MiB",
      yardstick: 110,
      goal: { atMost: 1 },
    },
    {
      name: "recorder's event-loop delay p99 while recording and syncing / 20 ms",
      value: watched.loopDelayP99Ms ?? Number.POSITIVE_INFINITY,
      unit: "ms",
      yardstick: 20,
      goal: { atMost: 1 },
    },
  ];
}

/** One recorder's life, with an office of its own: what one receiver holds already is never sent again. */
async function record(directory: string, source: string, windowMs: number): Promise<Usage> {
  const dataDir = join(directory, "data");
  const { publicKey } = createKeyFile(join(dataDir, "keys", "device.key"), systemRandom);
  const office = await openOffice(directory, [publicKey]);
  const config = join(directory, "recorder.toml");
  writeFileSync(config, recorderConfig(dataDir, source, office));
  const recorder = new AgentProcess(config, dataDir, join(directory, "recorder.log"));
  const abandon = () => recorder.abandon();
  process.once("exit", abandon);
  await recorder.start();
  const usage = await recordWith(recorder, windowMs);
  await recorder.stop();
  process.off("exit", abandon);
  await office.close();
  return usage;
}

async function recordWith(recorder: AgentProcess, windowMs: number): Promise<Usage> {
  const { pid } = await recorder.waitFor(
    ({ recording }) => (recording?.pre_event_ms ?? 0) >= FULL_BUFFER_MS,
    TIMEOUT_MS,
  );
  await recorder.call("record.start", {});
  const before = await recorder.waitFor(
    ({ sync, recording }) =>
      recording?.state === "recording" && (sync?.backlog_bytes ?? Infinity) < CAUGHT_UP_BYTES,
    TIMEOUT_MS,
  );
  const cpuBeforeMs = cpuMs(pid);
  const wallMs = await elapsedMs(() => delay(windowMs));
  const cpuUsedMs = cpuMs(pid) - cpuBeforeMs;
  const after = await recorder.call("status", {});
  const { peak } = memoryMib(pid);
  const sentBytes = (after.sync?.sent_bytes ?? 0) - (before.sync?.sent_bytes ?? 0);
  const sentBitsPerS = (sentBytes * 8000) / wallMs;
  if (sentBitsPerS < 0.8 * BITS_PER_S) throw new Error(`only ${Math.round(sentBitsPerS)} bit/s were synced`);
  await recorder.call("record.stop", {});
  return {
    cpuShare: cpuUsedMs / wallMs,
    peakMib: peak,
    loopDelayP99Ms: after.loop_delay_p99_ms ?? null,
  };
}

function recorderConfig(dataDir: string, source: string, office: Office): string {
  return stringify({
    role: "recorder",
    data_dir: dataDir,
    log_level: "warn",
    device: { model: "bench", serial: "bench" },
    camera: { source: "file", path: source },
    recording: { pre_event_ms: PRE_EVENT_MS },
    disk: { reserve_bytes: 0, stop_bytes: 0 },
    sync: {
      url: `mqtt://127.0.0.1:${office.brokerPort}`,
      shard: SHARD,
      witness: [office.witness],
      custody: [office.custody],
    },
  });
}

/** A file of H.264 at a constant 4 Mbit/s with AAC: ten seconds, again and again. */
async function makeSource(directory: string, seconds: number): Promise<string> {
  say(`making ${seconds} s of video`);
  const once = join(directory, "once.mp4");
  const source = join(directory, "source.mp4");
  const ffmpeg = (args: string) => run("ffmpeg", ["-v", "error", ...args.split(" ")]);
  const rate = `-b:v ${BITS_PER_S} -minrate ${BITS_PER_S} -maxrate ${BITS_PER_S} -bufsize ${BITS_PER_S}`;
  await ffmpeg(
    `-f lavfi -i testsrc2=size=1280x720:rate=25 -f lavfi -i sine -t 10 -c:v libx264 -preset ultrafast -pix_fmt yuv420p ` +
      `-g 50 ${rate} -x264-params nal-hrd=cbr -c:a aac ${once}`,
  );
  await ffmpeg(`-stream_loop ${Math.ceil(seconds / 10) - 1} -i ${once} -c copy ${source}`);
  return source;
}

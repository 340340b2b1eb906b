import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { stringify } from "smol-toml";
import { systemRandom } from "../../../config/base/random.ts";
import { createKeyFile } from "../../../crypto/keys/key-file.ts";
import { AgentProcess } from "../../demo/agent-process.ts";
import type { Bench } from "../bench-run.ts";
import { runModule } from "../measure/children.ts";
import { cpuMs, memoryMib } from "../measure/process-usage.ts";
import type { Measurement } from "../measure/row.ts";
import { say } from "../measure/say.ts";
import { elapsedMs, median } from "../measure/timing.ts";
import type { HourOrder, HourUsage } from "./hour-process.ts";
import { type Office, openOffice, SHARD } from "./office.ts";
import { BITS_PER_S, fragmented, makeVideo } from "./source-video.ts";

const PRE_EVENT_MS = 30_000;
/** The event loop does not care how much is in the buffer: a short one saves the wait. */
const SHORT_PRE_EVENT_MS = 4_000;
/** The buffer keeps whole fragments from a keyframe on: it is full a little below its span. */
const ALMOST_MS = 2_000;
/** The pre-event buffer has been sent when no more than what is being recorded waits. */
const CAUGHT_UP_BYTES = 2_000_000;
const TIMEOUT_MS = 60_000;

interface Plan {
  video: string;
  preEventMs: number;
  /** How long it is watched once the buffer's content is at the receiver. */
  windowMs: number;
}

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
  const video = await makeVideo(workDir, (windowMs + 2 * TIMEOUT_MS) / 1000);
  say("recording: CPU and memory");
  const plain = await record(join(workDir, "recorder"), { video, windowMs, preEventMs: PRE_EVENT_MS });
  say("recording: event loop");
  process.env["FULLTRACE_WATCH_LOOP"] = "1";
  const watched = await record(join(workDir, "watched-recorder"), {
    video,
    windowMs,
    preEventMs: SHORT_PRE_EVENT_MS,
  });
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
    await simulatedHour(workDir, full ? 60 : 20),
  ];
}

/**
 * The recorder's own code on a simulated clock, with a real ledger and a camera that never waits, so that
 * the level says nothing, but growth would show. In the first quarter buffers and heap still fill.
 */
async function simulatedHour(workDir: string, minutes: number): Promise<Measurement> {
  say(`recording ${minutes} simulated minutes`);
  const order: HourOrder = {
    dataDir: join(workDir, "hour"),
    video: await fragmented(await makeVideo(workDir, 10)),
    minutes,
  };
  const answer = await runModule(new URL("./hour-process.js", import.meta.url), [JSON.stringify(order)]);
  const { samplesMib, recordedMs } = JSON.parse(answer) as HourUsage;
  if (recordedMs < 0.9 * minutes * 60_000) throw new Error(`only ${recordedMs} ms were recorded`);
  const quarter = samplesMib.length / 4;
  return {
    name: `recorder's memory over ${minutes} simulated minutes: last quarter / second quarter`,
    value: median(samplesMib.slice(-quarter)),
    unit: "MiB",
    yardstick: median(samplesMib.slice(quarter, 2 * quarter)),
    goal: { atMost: 1.1 },
  };
}

/** One recorder's life, with an office of its own: what one receiver holds already is never sent again. */
async function record(directory: string, plan: Plan): Promise<Usage> {
  const dataDir = join(directory, "data");
  const { publicKey } = createKeyFile(join(dataDir, "keys", "device.key"), systemRandom);
  const office = await openOffice(directory, [publicKey]);
  const config = join(directory, "recorder.toml");
  writeFileSync(config, recorderConfig(dataDir, plan, office));
  const recorder = new AgentProcess(config, dataDir, join(directory, "recorder.log"));
  const abandon = () => recorder.abandon();
  process.once("exit", abandon);
  await recorder.start();
  const usage = await recordWith(recorder, plan);
  await recorder.stop();
  process.off("exit", abandon);
  await office.close();
  return usage;
}

async function recordWith(recorder: AgentProcess, { windowMs, preEventMs }: Plan): Promise<Usage> {
  const { pid } = await recorder.waitFor(
    ({ recording }) => (recording?.pre_event_ms ?? 0) >= preEventMs - ALMOST_MS,
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

function recorderConfig(dataDir: string, { video, preEventMs }: Plan, office: Office): string {
  return stringify({
    role: "recorder",
    data_dir: dataDir,
    log_level: "warn",
    device: { model: "bench", serial: "bench" },
    camera: { source: "file", path: video },
    recording: { pre_event_ms: preEventMs },
    disk: { reserve_bytes: 0, stop_bytes: 0 },
    sync: {
      url: `mqtt://127.0.0.1:${office.brokerPort}`,
      shard: SHARD,
      witness: [office.witness],
      custody: [office.custody],
    },
  });
}

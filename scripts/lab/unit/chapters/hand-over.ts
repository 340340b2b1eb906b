import { systemClock } from "../../../../config/base/clock.ts";
import type { Steps } from "../../steps.ts";
import { type LabUnit, UP_MS } from "../lab-unit.ts";
import { writtenMs } from "../office.ts";

/** Resident memory of the recorder's own process, in MiB; its ffmpeg is another. */
const RSS = `awk '/VmRSS/ {print $2}' /proc/$(systemctl show -P MainPID fulltrace-recorder)/status`;
const IDLE_MIB = 64;
const RECORDING_MIB = 96;
/** Until all code of the recorder is loaded, and it refuses to run without a configuration: the median of seven. */
const COLD_START = `
const { spawnSync } = require("node:child_process");
const timed = (...words) => {
  const begin = process.hrtime.bigint();
  spawnSync(words[0], words.slice(1), { stdio: "ignore" });
  return Number(process.hrtime.bigint() - begin) / 1e6;
};
const times = { empty: [], loaded: [] };
for (let i = 0; i < 7; i++) {
  times.empty.push(timed("node", "-e", "0"));
  times.loaded.push(timed("/usr/lib/fulltrace/programs/recorder.cjs"));
}
const median = (list) => list.sort((one, other) => one - other)[3];
console.log(JSON.stringify({ empty: median(times.empty), loaded: median(times.loaded) }));
`.replaceAll("\n", " ");
const COLD_START_RATIO = 2;
/** What the board grants a unit whose processor is emulated. */
const GRANTED_S = 20;

/** What was filmed reaches the office, by itself and by its button, and is verified there. */
export async function handOver(unit: LabUnit, steps: Steps): Promise<void> {
  const { office, board } = unit;
  await steps.step("unit: first chunk at the office", async () => {
    const [first] = await office.more("recording.chunk", 0, UP_MS);
    if (first === undefined) throw new Error("there is none");
    const seconds = (writtenMs(first) - unit.switchedOnMs) / 1000;
    return {
      value: true,
      detail: `signed ${seconds.toFixed(1)} s after the power came, the card's first start`,
    };
  });
  await steps.step("unit: memory while recording", () => memory(unit, RECORDING_MIB));
  await steps.step("unit: its button ends and begins a recording", async () => {
    const stops = (await office.entries("recording.stop")).length;
    board.press();
    const stopped = await office.more("recording.stop", stops, UP_MS);
    const starts = (await office.entries("recording.start")).length;
    board.press();
    const started = await office.more("recording.start", starts, UP_MS);
    const triggers = [stopped.at(-1)?.parsed["reason"], started.at(-1)?.parsed["trigger"]];
    if (triggers.some((one) => one !== "button")) throw new Error(`by ${triggers.join(", ")}`);
    return { value: true, detail: "over FTDI" };
  });
  await steps.step("unit: memory when idle", async () => {
    await unit.fulltrace("record stop");
    await systemClock.sleep(10_000);
    return await memory(unit, IDLE_MIB);
  });
  await steps.step("unit: cold start", async () => {
    const told = await unit.shell.run(`node -e '${COLD_START}'`, UP_MS);
    const { empty, loaded } = JSON.parse(told) as { empty: number; loaded: number };
    const detail = `${loaded.toFixed(0)} ms, ${(loaded / empty).toFixed(2)} × node -e 0 (goal ≤ ${COLD_START_RATIO})`;
    if (loaded > COLD_START_RATIO * empty) throw new Error(detail);
    return { value: true, detail };
  });
  await steps.step("unit: verified at the office", async () => {
    await unit.fulltrace("sync flush --timeout-s 120");
    const verdict = await office.verdict();
    if (!verdict.startsWith("authentic")) throw new Error(verdict);
    return { value: true, detail: verdict };
  });
  await steps.step("unit: its board switches it off in order", () => switchedOff(unit));
}

/** The board tells that the power goes, and takes it when its seconds are over, or the unit has said that it is ready. */
async function switchedOff(unit: LabUnit) {
  const { office } = unit;
  await unit.beginRecording();
  const boots = (await office.entries("device.boot")).length;
  const noticedUs = systemClock.monoUs();
  await unit.board.powerOff(GRANTED_S);
  const seconds = (systemClock.monoUs() - noticedUs) / 1e6;
  await unit.cut();
  await unit.on();
  const boot = (await office.more("device.boot", boots, UP_MS)).at(-1)?.parsed;
  const stop = (await office.entries("recording.stop")).at(-1)?.parsed;
  if (boot?.["clean"] !== true || stop?.["reason"] !== "power-off")
    throw new Error(JSON.stringify({ boot, stop }));
  if (seconds >= GRANTED_S) throw new Error(`it was not ready within ${GRANTED_S} s`);
  return { value: true, detail: `all closed ${seconds.toFixed(1)} s after the notice, of ${GRANTED_S} s` };
}

async function memory({ shell }: LabUnit, goalMib: number) {
  const mib = Number(await shell.run(RSS)) / 1024;
  const detail = `${mib.toFixed(0)} MiB (goal ≤ ${goalMib})`;
  if (!(mib <= goalMib)) throw new Error(detail);
  return { value: mib, detail };
}

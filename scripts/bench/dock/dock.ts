import { join } from "node:path";
import { MAKES } from "../../../drivers/simulator/recorders/by-make.ts";
import type { Bench } from "../bench-run.ts";
import type { Measurement } from "../measure/row.ts";
import { say } from "../measure/say.ts";
import { median } from "../measure/timing.ts";
import { BenchDock, type Rack } from "./bench-dock.ts";

const BAYS = 20;
const FILES = 2;
const MIB = 2 ** 20;
const MEMORY_GOAL_MIB = 96;
const DELAY_GOAL_MS = 20;
/** 200 dockings. */
const ROUNDS = 10;

interface Usage {
  agentPeakMib: number;
  usbPeakMib: number;
  loopDelayP99Ms: number;
}

/** `fulltrace run` as a dock, with its USB process, a Mosquitto and a receiver, and recorders that all come at once. */
export async function benchDock({ workDir, full }: Bench): Promise<Measurement[]> {
  const shift = { bays: BAYS, files: FILES, bytes: (full ? 32 : 8) * MIB };
  say(`dock: ${BAYS} recorders of all makes`);
  const mixed = await emptied(join(workDir, "dock-mixed"), { ...shift, makes: MAKES });
  say(`dock: ${BAYS} MTP recorders`);
  const mtp = await emptied(join(workDir, "dock-mtp"), { ...shift, makes: ["mtp"] });
  const growth = full ? [await overDockings(join(workDir, "dock-rounds"))] : [];
  return [
    ...rowsOf(`dock with ${BAYS} bays of MTP, JieLi and disks`, mixed),
    ...rowsOf(`dock with ${BAYS} bays of MTP`, mtp),
    ...growth,
  ];
}

function rowsOf(what: string, { agentPeakMib, usbPeakMib, loopDelayP99Ms }: Usage): Measurement[] {
  const memory = (name: string, value: number): Measurement => ({
    name: `${what}: ${name} / ${MEMORY_GOAL_MIB} MiB`,
    value,
    unit: "MiB",
    yardstick: MEMORY_GOAL_MIB,
    goal: { atMost: 1 },
  });
  return [
    memory("agent's peak memory", agentPeakMib),
    memory("USB process's peak memory", usbPeakMib),
    {
      name: `${what}: event-loop delay p99 / ${DELAY_GOAL_MS} ms`,
      value: loopDelayP99Ms,
      unit: "ms",
      yardstick: DELAY_GOAL_MS,
      goal: { atMost: 1 },
    },
  ];
}

/** All recorders put in at once, and emptied as far as they let themselves be. */
async function emptied(directory: string, rack: Rack): Promise<Usage> {
  process.env["FULLTRACE_WATCH_LOOP"] = "1";
  const dock = await BenchDock.start(directory, rack);
  delete process.env["FULLTRACE_WATCH_LOOP"];
  await dock.plugAll();
  const bays = await dock.settled();
  const unread = bays.filter(({ card }) => card?.imported !== rack.files);
  if (unread.length > 0) throw new Error(`not imported: ${JSON.stringify(unread)}`);
  const { agent, usb } = await dock.memory();
  const loopDelayP99Ms = await dock.loopDelayP99Ms();
  await dock.stop();
  return { agentPeakMib: agent.peak, usbPeakMib: usb.peak, loopDelayP99Ms };
}

/** The same recorders again and again, with a new shift on each card. In the first quarter heaps still fill. */
async function overDockings(directory: string): Promise<Measurement> {
  const dock = await BenchDock.start(directory, { bays: BAYS, files: FILES, bytes: MIB / 4, makes: MAKES });
  const samplesMib: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    say(`dock: ${round * BAYS} dockings`);
    if (round > 1) dock.fill();
    await dock.plugAll();
    await dock.settled();
    await dock.unplugAll();
    samplesMib.push((await dock.memory()).agent.now);
  }
  await dock.stop();
  const quarter = Math.floor(ROUNDS / 4);
  return {
    name: `dock's memory over ${ROUNDS * BAYS} dockings: last quarter / second quarter`,
    value: median(samplesMib.slice(-quarter)),
    unit: "MiB",
    yardstick: median(samplesMib.slice(quarter, 2 * quarter)),
    goal: { atMost: 1.1 },
  };
}

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { stringify } from "smol-toml";
import type { BayStatus } from "../../../agent/control/methods/dock-methods.ts";
import { systemClock } from "../../../config/base/clock.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { createKeyFile } from "../../../crypto/keys/key-file.ts";
import { fillCard } from "../../../drivers/simulator/rack/field-card.ts";
import { makeRack } from "../../../drivers/simulator/rack/rack.ts";
import type { RecorderInPort } from "../../../drivers/simulator/rack/recorder-in-port.ts";
import type { Make } from "../../../drivers/simulator/recorders/by-make.ts";
import { AgentProcess } from "../../demo/agent-process.ts";
import { type Office, openOffice, SHARD } from "../agent/office.ts";
import { memoryMib } from "../measure/process-usage.ts";

const POLL_MS = 200;
const TIMEOUT_MS = 180_000;
/** Where a bay stops when nobody does anything more about its recorder. */
const ENDS: readonly BayStatus["state"][] = ["ready", "cleared", "kept", "fault", "refused"];

/** What is put into a dock: one recorder for each bay, of these makes by turns, with `files` of `bytes` on its card. */
export interface Rack {
  bays: number;
  files: number;
  bytes: number;
  makes: readonly Make[];
}

/** A dock as it runs in an office: `fulltrace run` and its USB process, a Mosquitto and a receiver, and recorders to put in. */
export class BenchDock {
  readonly #rack: readonly RecorderInPort[];
  readonly #agent: AgentProcess;
  readonly #office: Office;
  readonly #shift: { files: number; bytes: number };
  readonly #abandon = () => this.#agent.abandon();

  private constructor(
    rack: readonly RecorderInPort[],
    agent: AgentProcess,
    office: Office,
    shift: { files: number; bytes: number },
  ) {
    this.#rack = rack;
    this.#agent = agent;
    this.#office = office;
    this.#shift = shift;
  }

  /** Starts it in a new directory; the recorders lie beside it. */
  static async start(directory: string, { bays, files, bytes, makes }: Rack): Promise<BenchDock> {
    const [dataDir, hub] = [join(directory, "data"), join(directory, "hub")];
    mkdirSync(directory, { recursive: true });
    const { publicKey } = createKeyFile(join(dataDir, "keys", "device.key"), systemRandom);
    const office = await openOffice(directory, [publicKey]);
    const rack = makeRack({
      hub,
      recorders: bays,
      files,
      bytes,
      makes,
      clock: systemClock,
      onSight: () => {},
    });
    const config = join(directory, "dock.toml");
    writeFileSync(config, dockConfig(dataDir, hub, office));
    const agent = new AgentProcess(config, dataDir, join(directory, "dock.log"));
    const dock = new BenchDock(rack, agent, office, { files, bytes });
    process.once("exit", dock.#abandon);
    await dock.#agent.start();
    return dock;
  }

  /** Puts a shift's recordings on every card. */
  fill(): void {
    for (const { traits } of this.#rack)
      fillCard({
        folder: traits.card,
        serial: traits.serial,
        wearer: traits.wearer ?? "",
        ...this.#shift,
        lastMs: systemClock.utcMs(),
      });
  }

  /** Resolves with all bays once each has come to an end of its own. */
  async settled(): Promise<BayStatus[]> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    for (;;) {
      const { bays } = await this.#agent.call("dock.bays", {});
      const occupied = bays.filter(({ state }) => state !== "empty");
      if (occupied.length === this.#rack.length && occupied.every(({ state }) => ENDS.includes(state)))
        return occupied;
      await delay(POLL_MS, undefined, { signal });
    }
  }

  async plugAll(): Promise<void> {
    await Promise.all(this.#rack.map((recorder) => recorder.plug()));
  }

  /** Takes all out; resolves when the dock has signed that. */
  async unplugAll(): Promise<void> {
    await Promise.all(this.#rack.map((recorder) => recorder.unplug()));
    await this.#agent.waitFor(({ dock }) => dock?.occupied === 0, TIMEOUT_MS);
  }

  /** Of the agent and of its USB process, MiB. */
  async memory(): Promise<Record<"agent" | "usb", { now: number; peak: number }>> {
    const { pid } = await this.#agent.call("status", {});
    return { agent: memoryMib(pid), usb: memoryMib(onlyChild(pid)) };
  }

  /** Of the agent; to be started with `FULLTRACE_WATCH_LOOP=1`. */
  async loopDelayP99Ms(): Promise<number> {
    const { loop_delay_p99_ms: delayMs } = await this.#agent.call("status", {});
    if (delayMs === undefined) throw new Error("the event loop is not watched");
    return delayMs;
  }

  async stop(): Promise<void> {
    await this.#agent.stop();
    process.off("exit", this.#abandon);
    await Promise.all(this.#rack.map((recorder) => recorder.unplug()));
    await this.#office.close();
  }
}

/** A dock starts no other process where cards need not be mounted. */
function onlyChild(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  if (children.length !== 1 || children[0] === "") throw new Error(`children of the dock: ${children}`);
  return Number(children[0]);
}

function dockConfig(dataDir: string, hub: string, office: Office): string {
  return stringify({
    role: "dock",
    data_dir: dataDir,
    log_level: "warn",
    device: { model: "bench", serial: "bench" },
    dock: { usb: "virtual", hub, wipe_unknown: true },
    disk: { reserve_bytes: 0, stop_bytes: 0 },
    sync: {
      url: `mqtt://127.0.0.1:${office.brokerPort}`,
      shard: SHARD,
      witness: [office.witness],
      custody: [office.custody],
    },
  });
}

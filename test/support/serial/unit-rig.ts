import type { TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Alarms } from "../../../agent/alarms.ts";
import { BoardUnit, type BoardUnitParts, type PowerOff } from "../../../agent/recorder/board/board-unit.ts";
import type { ButtonTarget } from "../../../agent/recorder/board/buttons.ts";
import type { RecorderStatus } from "../../../capture/recorder/recorder-parts.ts";
import { Counters } from "../../../config/base/counters.ts";
import { createLogger } from "../../../config/base/logger.ts";
import { Framing } from "../../../drivers/serial/frames/framing.ts";
import type { BoardSight } from "../../../drivers/simulator/board/sight.ts";
import { SimulatedBoard } from "../../../drivers/simulator/board/simulated-board.ts";
import { VirtualPort } from "../../../drivers/simulator/board/virtual-port.ts";
import { ManualClock, seededRandom } from "../surroundings.ts";

const STEP_MS = 50;
const MOST_MS = 60_000;

/** A recorder that only keeps what was asked of it. */
class ScriptedTarget implements ButtonTarget {
  readonly asked: string[] = [];
  state: RecorderStatus["state"] = { kind: "pre-event", wish: null, way: "clear" };

  status(): RecorderStatus {
    const ring = { spanMs: 0, bytes: 0 };
    return { state: this.state, muted: false, ring, heldBytes: 0, recording: null, counters: {} };
  }

  async record(): Promise<string> {
    this.asked.push("record");
    this.state = { kind: "recording", rec: "r", wish: { trigger: "button" }, ending: null };
    return "r";
  }

  async stopRecording(): Promise<null> {
    this.asked.push("stop");
    this.state = { kind: "pre-event", wish: null, way: "clear" };
    return null;
  }

  async mark(label: string): Promise<null> {
    this.asked.push(`mark ${label}`);
    return null;
  }

  async photo(): Promise<never> {
    this.asked.push("photo");
    throw new Error("no camera");
  }

  mute(): boolean {
    return false;
  }
}

/** A board unit with a simulated board in memory, on a clock that only the test moves. */
export class UnitRig {
  readonly clock = new ManualClock();
  readonly sights: BoardSight[] = [];
  readonly counters = new Counters();
  readonly target = new ScriptedTarget();
  readonly powerOffs: PowerOff[] = [];
  readonly alarms = new Alarms(this.clock, createLogger("silent", "test"));
  readonly simulated: SimulatedBoard;
  readonly port: VirtualPort;
  readonly unit: BoardUnit;
  connections = 0;
  free = 100 * 2 ** 30;
  writerHangs = false;

  private constructor(framing: Framing, parts: Partial<BoardUnitParts>) {
    const { clock } = this;
    const onSight = (sight: BoardSight) => this.sights.push(sight);
    this.simulated = new SimulatedBoard({ framing, clock, random: seededRandom("board"), onSight });
    this.port = new VirtualPort(this.simulated);
    this.unit = new BoardUnit({
      open: this.port.open,
      watchdogS: 20,
      wearer: undefined,
      target: this.target,
      writerAnswers: () => (this.writerHangs ? new Promise(() => undefined) : Promise.resolve()),
      freeBytes: () => this.free,
      stopBytes: 2 ** 28,
      alarms: this.alarms,
      onConnected: () => this.connections++,
      onPowerOff: (event) => this.powerOffs.push(event),
      clock,
      random: seededRandom("agent"),
      counters: this.counters,
      log: createLogger("silent", "test"),
      ...parts,
    });
  }

  static async start(t: TestContext, parts: Partial<BoardUnitParts> = {}): Promise<UnitRig> {
    const rig = new UnitRig(await Framing.load(), parts);
    const over = new AbortController();
    const running = rig.simulated.run(over.signal);
    rig.unit.start();
    t.after(async () => {
      await rig.during(rig.unit.stop("orderly"));
      over.abort();
      await running;
    });
    return rig;
  }

  async pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += STEP_MS) await this.#step();
  }

  async until(what: string, isSo: () => boolean): Promise<void> {
    for (let passedMs = 0; !isSo(); passedMs += STEP_MS) {
      if (passedMs > MOST_MS) throw new Error(`not within ${MOST_MS} ms: ${what}`);
      await this.#step();
    }
  }

  async during<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    promise.then(
      () => {
        isSettled = true;
      },
      () => {
        isSettled = true;
      },
    );
    await this.until("a call to end", () => isSettled);
    return await promise;
  }

  codes(): string[] {
    return this.alarms.list().map(({ code }) => code);
  }

  async #step(): Promise<void> {
    for (let i = 0; i < 4; i++) await turn();
    this.clock.advance(STEP_MS);
    for (let i = 0; i < 4; i++) await turn();
  }
}

import type { TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Counters } from "../../config/base/counters.ts";
import type { BoardEvent } from "../../drivers/serial/board/control-board.ts";
import { SerialControlBoard } from "../../drivers/serial/board/serial-control-board.ts";
import { Framing } from "../../drivers/serial/frames/framing.ts";
import type { BoardSight } from "../../drivers/simulator/board/sight.ts";
import { SimulatedBoard } from "../../drivers/simulator/board/simulated-board.ts";
import { VirtualPort } from "../../drivers/simulator/board/virtual-port.ts";
import type { BoardRig } from "../contract/control-board.ts";
import { ManualClock, seededRandom } from "./surroundings.ts";

const STEP_MS = 50;
const MOST_MS = 30_000;

export interface VirtualRig extends BoardRig {
  clock: ManualClock;
  port: VirtualPort;
  /** Lets so much time pass. */
  pass(ms: number): Promise<void>;
}

/** A control board in memory, on a clock that only the test moves. Both ends stop with the test. */
export async function virtualRig(t: TestContext): Promise<VirtualRig> {
  const clock = new ManualClock();
  const events: BoardEvent[] = [];
  const sights: BoardSight[] = [];
  const counters = new Counters();
  const simulated = new SimulatedBoard({
    framing: await Framing.load(),
    clock,
    random: seededRandom("board"),
    onSight: (sight) => sights.push(sight),
  });
  const port = new VirtualPort(simulated);
  const board = new SerialControlBoard({
    open: port.open,
    clock,
    random: seededRandom("agent"),
    counters,
    listener: (event) => events.push(event),
  });
  const running = new AbortController();
  const runs = [simulated.run(running.signal), board.run(running.signal)];
  t.after(async () => {
    running.abort();
    await Promise.all(runs);
  });

  const step = async () => {
    // what follows from one thing takes a few turns
    for (let i = 0; i < 3; i++) await turn();
    clock.advance(STEP_MS);
    for (let i = 0; i < 3; i++) await turn();
  };
  const until = async (what: string, condition: () => boolean) => {
    for (let passedMs = 0; !condition(); passedMs += STEP_MS) {
      if (passedMs > MOST_MS) throw new Error(`not within ${MOST_MS} ms: ${what}`);
      await step();
    }
  };
  return {
    board,
    simulated,
    events,
    sights,
    counters,
    clock,
    port,
    until,
    pass: async (ms) => {
      for (let passedMs = 0; passedMs < ms; passedMs += STEP_MS) await step();
    },
    during: async (promise) => {
      let isSettled = false;
      const settle = () => {
        isSettled = true;
      };
      promise.then(settle, settle);
      await until("a call to end", () => isSettled);
      return promise;
    },
    unplug: async () => port.unplug(),
    replug: async () => port.replug(),
  };
}

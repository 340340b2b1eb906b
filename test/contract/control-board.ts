import assert from "node:assert/strict";
import { it, type TestContext } from "node:test";
import type { Counters } from "../../config/base/counters.ts";
import { AgentError } from "../../config/base/errors.ts";
import type { BoardEvent, ControlBoard } from "../../drivers/serial/board/control-board.ts";
import { BUTTONS, PRESSES } from "../../drivers/serial/board/messages/values.ts";
import type { BoardSight } from "../../drivers/simulator/board/sight.ts";
import type { SimulatedBoard } from "../../drivers/simulator/board/simulated-board.ts";

/** A control board, the simulated hardware behind it, and a hand on its plug. */
export interface BoardRig {
  board: ControlBoard;
  simulated: SimulatedBoard;
  events: BoardEvent[];
  sights: BoardSight[];
  counters: Counters;
  /** Lets time pass until `condition` holds; fails when it does not within 10 s. */
  until(what: string, condition: () => boolean): Promise<void>;
  /** Lets time pass until `promise` has settled. */
  during<T>(promise: Promise<T>): Promise<T>;
  unplug(): Promise<void>;
  replug(): Promise<void>;
}

/** Rejects if a link does not keep its part; the board has answered before. */
export type BoardCheck = (rig: BoardRig) => Promise<void>;

const { signal } = new AbortController();
const refused = (code: string) => (error: unknown) => {
  assert.ok(error instanceof AgentError, String(error));
  assert.equal(error.code, code);
  return true;
};
const kindsOf = (events: BoardEvent[]) => events.map(({ kind }) => kind).filter((kind) => kind !== "noise");

/** What every link to a control board keeps, whatever the line is made of. */
export const BOARD_CHECKS = {
  "tells who the board is": async ({ events, simulated }) => {
    const { bootId, lamps, model, serial } = simulated.hardware;
    const [first] = events.filter(({ kind }) => kind === "connected");
    assert.ok(first?.kind === "connected");
    const { identity } = first;
    assert.deepEqual(
      [identity.bootId, identity.lamps, identity.model, identity.serial, identity.version],
      [bootId, lamps, model, serial, 1],
    );
    assert.deepEqual(identity.features, ["buzzer", "vibration", "thermometer", "clock", "watchdog"]);
  },

  "reads battery, temperature and clock, and sets the clock": async ({ board, simulated, during }) => {
    simulated.hardware.battery = { percent: 41, milliVolts: 3_712, charging: "yes" };
    simulated.hardware.tenthsC = -105;
    simulated.hardware.clock = { offsetMs: -86_400_000, valid: false };
    assert.deepEqual(await during(board.battery(signal)), {
      percent: 41,
      milliVolts: 3_712,
      charging: "yes",
    });
    assert.equal(await during(board.temperature(signal)), -105);
    assert.equal((await during(board.readClock(signal))).valid, false);
    const setTo = Date.UTC(2026, 10, 25, 16, 0, 0, 250);
    const shown = await during(board.setClock(setTo, signal));
    assert.ok(shown.valid && Math.abs(shown.utcMs - setTo) < 2_000, String(shown.utcMs));
  },

  "shows lamps, sounds and shakes": async ({ board, sights, during }) => {
    const lamp = {
      times: 0,
      steps: [
        { red: 255, green: 0xc0, blue: 0xdb, ms: 200 },
        { red: 0, green: 0, blue: 0, ms: 800 },
      ],
    };
    const buzzer = { times: 2, steps: [{ hertz: 2_700, ms: 100 }] };
    const vibration = { times: 1, steps: [{ percent: 100, ms: 400 }] };
    await during(board.showLamp(1, lamp, signal));
    await during(board.sound(buzzer, signal));
    await during(board.vibrate(vibration, signal));
    await during(board.showLamp(0, { times: 1, steps: [] }, signal));
    assert.deepEqual(
      sights.filter(({ kind }) => ["lamp", "buzzer", "vibration"].includes(kind)),
      [
        { kind: "lamp", lamp: 1, pattern: lamp },
        { kind: "buzzer", pattern: buzzer },
        { kind: "vibration", pattern: vibration },
        { kind: "lamp", lamp: 0, pattern: { times: 1, steps: [] } },
      ],
    );
  },

  "tells every button and every kind of press, each once and in order": async ({
    simulated,
    events,
    until,
  }) => {
    const presses = BUTTONS.flatMap((button) => PRESSES.map((press) => ({ button, press })));
    for (const [i, { button, press }] of presses.entries()) {
      simulated.press(button, press);
      await until("told", () => events.filter(({ kind }) => kind === "button").length > i);
    }
    const told = events.flatMap((event) =>
      event.kind === "button" ? [{ button: event.button, press: event.press }] : [],
    );
    assert.deepEqual(told, presses);
  },

  "tells battery, temperature and the end of the power": async ({ simulated, events, until }) => {
    simulated.setBattery({ percent: null, milliVolts: 3_300, charging: "full" });
    simulated.setTemperature(712);
    simulated.powerOff(30, "battery");
    await until("told", () => events.some(({ kind }) => kind === "power-off"));
    const told = events.filter(({ kind }) => ["battery", "temperature", "power-off"].includes(kind));
    assert.deepEqual(told, [
      { kind: "battery", percent: null, milliVolts: 3_300, charging: "full" },
      { kind: "temperature", tenthsC: 712 },
      { kind: "power-off", secondsLeft: 30, reason: "battery" },
    ]);
  },

  "gets an answer through noise, wrong checksums, stalls, lost and doubled answers, and does nothing twice":
    async ({ board, simulated, counters, during }) => {
      const before = simulated.carriedOut.get("buzzer");
      const ring = () => during(board.sound({ times: 1, steps: [{ hertz: 1_000, ms: 50 }] }, signal));
      simulated.sendBytes(Buffer.from("noise without any frame"));
      await ring();
      simulated.faults.wrongChecksums = 2;
      await ring();
      simulated.faults.lostAnswers = 2;
      await ring();
      simulated.faults.doubledAnswers = 1;
      await ring();
      simulated.faults.stalls = 1;
      await ring();
      assert.equal(simulated.carriedOut.get("buzzer") - before, 5);
      assert.ok(counters.get("board-call-repeated") >= 3, "nothing was repeated");
      assert.ok(counters.get("board-noise-bytes") >= 23, "noise was not counted");
    },

  "gives up a call after its repeats, and the next one works": async ({ board, simulated, during }) => {
    simulated.faults.lostAnswers = 3;
    await assert.rejects(during(board.battery(signal)), refused("board-silent"));
    assert.equal((await during(board.battery(signal))).percent, 80);
  },

  "makes calls one after the other, in order, and lets 16 wait": async ({ board, sights, during }) => {
    const colour = (red: number) => ({ times: 1, steps: [{ red, green: 0, blue: 0, ms: 100 }] });
    const calls = Array.from({ length: 16 }, (_, i) => board.showLamp(0, colour(i), signal));
    await assert.rejects(during(board.showLamp(0, colour(99), signal)), refused("board-busy"));
    await during(Promise.all(calls));
    const shown = sights.flatMap((sight) =>
      sight.kind === "lamp" ? [sight.pattern.steps[0]?.red ?? null] : [],
    );
    assert.deepEqual(
      shown,
      Array.from({ length: 16 }, (_, i) => i),
    );
  },

  "says what the board refuses, and what the protocol cannot carry": async ({ board, during }) => {
    await assert.rejects(during(board.showLamp(7, { times: 1, steps: [] }, signal)), (error) => {
      assert.match(String(error), /board-refused: .*lamp: value/);
      return true;
    });
    await assert.rejects(during(board.armWatchdog(601, signal)), refused("board-value"));
    await assert.rejects(
      during(board.showLamp(0.5, { times: 1, steps: [] }, signal)),
      refused("board-value"),
    );
  },

  "goes on after unplug and replug; a call meanwhile is told that nobody is there": async ({
    board,
    events,
    during,
    until,
    unplug,
    replug,
  }) => {
    await unplug();
    await until("lost", () => board.state.kind === "away");
    await assert.rejects(during(board.battery(signal)), refused("board-away"));
    await replug();
    await until("back", () => board.state.kind === "there");
    assert.equal((await during(board.battery(signal))).percent, 80);
    assert.deepEqual(kindsOf(events), ["connected", "lost", "connected"]);
  },

  "a call is given up when its signal aborts": async ({ board, simulated, during }) => {
    simulated.faults.silent = true;
    const giving = new AbortController();
    const given = [board.battery(giving.signal), board.battery(giving.signal)].map((call) =>
      assert.rejects(call, /enough/),
    );
    giving.abort(new Error("enough"));
    await during(Promise.all(given));
    simulated.faults.silent = false;
    assert.equal((await during(board.battery(signal))).percent, 80);
  },
} satisfies Record<string, BoardCheck>;

/** Registers every check for one kind of line. */
export function controlBoardContract(makeRig: (t: TestContext) => Promise<BoardRig>): void {
  for (const [title, check] of Object.entries(BOARD_CHECKS)) {
    it(title, async (t) => check(await connected(await makeRig(t))));
  }
}

/** The rig, once its board has answered. */
export async function connected(rig: BoardRig): Promise<BoardRig> {
  await rig.until("connected", () => rig.board.state.kind === "there");
  return rig;
}

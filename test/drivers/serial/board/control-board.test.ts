import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it, type TestContext } from "node:test";
import { BUTTONS, PRESSES } from "../../../../drivers/serial/board/messages/values.ts";
import { controlBoardContract } from "../../../contract/control-board.ts";
import { virtualRig } from "../../../support/board-rig.ts";
import { heldBytes } from "../../../support/memory.ts";
import { seededRandom } from "../../../support/surroundings.ts";

const { signal } = new AbortController();

async function connected(t: TestContext) {
  const rig = await virtualRig(t);
  await rig.until("connected", () => rig.board.state.kind === "there");
  return rig;
}

describe("a control board in memory", () => controlBoardContract(virtualRig));

describe("a line to a control board", () => {
  it("that falls silent is told and opened anew within 8 s", async (t) => {
    const { board, simulated, events, port, until, pass, clock } = await connected(t);
    simulated.faults.silent = true;
    const silentUs = clock.monoUs();
    await until("lost", () => board.state.kind === "away");
    const afterMs = (clock.monoUs() - silentUs) / 1000;
    assert.ok(afterMs > 3_900 && afterMs <= 8_000, `${afterMs} ms`);
    assert.deepEqual(
      events.flatMap((event) => (event.kind === "lost" ? [event.reason.code] : [])),
      ["board-silent"],
    );
    // it stays silent: opened again and again, and told no more
    await pass(30_000);
    assert.ok(port.openings > 3, `${port.openings} openings`);
    assert.equal(events.filter(({ kind }) => kind === "lost").length, 1);
    simulated.faults.silent = false;
    await until("back", () => board.state.kind === "there");
  });

  it("on which there is only noise is as good as silent", async (t) => {
    const { board, simulated, events, until } = await connected(t);
    simulated.faults.garbled = true;
    await until("lost", () => board.state.kind === "away");
    assert.ok(events.some((event) => event.kind === "lost" && event.reason.code === "board-silent"));
    assert.ok(events.some((event) => event.kind === "noise" && event.bytes > 0));
  });

  it("that works is never taken for silent", async (t) => {
    const { events, pass } = await connected(t);
    await pass(60_000);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["connected"],
    );
  });

  it("is greeted anew when the board was reset behind it", async (t) => {
    const { board, simulated, events, until } = await connected(t);
    simulated.reset("brown-out");
    await until("lost", () => events.some(({ kind }) => kind === "lost"));
    await until("back", () => board.state.kind === "there");
    const reasons = events.flatMap((event) => {
      if (event.kind === "lost") return [event.reason.code];
      return event.kind === "connected" ? [event.identity.resetReason] : [];
    });
    assert.deepEqual(reasons, ["power-on", "board-restarted", "brown-out"]);
  });

  it("to a board that speaks only later versions is refused; one that also speaks this version will do", async (t) => {
    const { board, simulated, events, until } = await virtualRig(t);
    simulated.hardware.versions = { lowest: 2, highest: 3 };
    await until("refused", () => events.length > 0);
    const [first] = events;
    assert.ok(first?.kind === "lost" && first.reason.code === "board-version", JSON.stringify(first));
    simulated.hardware.versions = { lowest: 1, highest: 3 };
    await until("connected", () => board.state.kind === "there");
  });
});

describe("an event", () => {
  const pressesIn = (events: { kind: string }[]) => events.filter(({ kind }) => kind === "button").length;

  it("that noise hits comes again, and says how old it is", async (t) => {
    const { simulated, events, until } = await connected(t);
    simulated.faults.wrongChecksums = 2;
    simulated.press("sos", "long");
    await until("told", () => pressesIn(events) > 0);
    const press = events.find(({ kind }) => kind === "button");
    assert.ok(press?.kind === "button" && press.ageMs >= 500 && press.ageMs <= 600, JSON.stringify(press));
  });

  it("that is repeated because its confirmation was lost is told once", async (t) => {
    const { simulated, events, counters, pass } = await connected(t);
    const frame = { type: 0x50, seq: 900, payload: Uint8Array.of(1, 1, 0, 0) };
    simulated.sendFrame(frame);
    simulated.sendFrame(frame);
    await pass(100);
    simulated.sendFrame({ ...frame, payload: Uint8Array.of(1, 1, 250, 0) });
    await pass(100);
    assert.equal(pressesIn(events), 1);
    assert.equal(counters.get("board-event-repeated"), 2);
  });

  it("of a short unplug arrives after it; one of a long unplug is counted as lost", async (t) => {
    const { simulated, board, events, counters, until, pass, unplug, replug } = await connected(t);
    await unplug();
    simulated.press("mark", "short");
    await pass(500);
    await replug();
    await until("told", () => pressesIn(events) === 1);
    await unplug();
    simulated.press("record", "short");
    await pass(5_000);
    await replug();
    await until("back", () => board.state.kind === "there");
    await pass(3_000);
    assert.equal(pressesIn(events), 1);
    assert.equal(counters.get("board-events-lost"), 1);
  });

  it("that nobody knows is confirmed and counted, and so is one with a value that nobody knows", async (t) => {
    const { simulated, events, counters, pass } = await connected(t);
    simulated.sendFrame({ type: 0x6f, seq: 901, payload: Uint8Array.of(1, 2, 3) });
    simulated.sendFrame({ type: 0x50, seq: 902, payload: Uint8Array.of(200, 1, 0, 0) });
    simulated.sendFrame({ type: 0x50, seq: 903, payload: Uint8Array.of(1) });
    simulated.sendFrame({ type: 0x33, seq: 0, payload: Uint8Array.of() });
    await pass(100);
    assert.equal(counters.get("board-event-unknown"), 3);
    assert.equal(counters.get("board-frame-unknown"), 1);
    assert.equal(pressesIn(events), 0);
  });

  it("may be longer than this version knows", async (t) => {
    const { simulated, events, until } = await connected(t);
    simulated.sendFrame({ type: 0x50, seq: 904, payload: Uint8Array.of(1, 1, 0, 0, 9, 9, 9) });
    await until("told", () => pressesIn(events) === 1);
  });
});

describe("a board that tells nonsense", () => {
  it("in frames that are whole does no harm: what is told is within its bounds", async (t) => {
    const { simulated, events, counters, board, during, pass } = await connected(t);
    const random = seededRandom("nonsense");
    for (let i = 0; i < 5_000; i++) {
      const [type = 0, length = 0] = random.bytes(2);
      // `alive` of another board would end the line, rightly
      if (type !== 0x71) simulated.sendFrame({ type, seq: i, payload: random.bytes(length % 12) });
      if (i % 500 === 0) await pass(50);
    }
    await pass(50);
    assert.equal((await during(board.battery(signal))).percent, 80);
    for (const event of events) {
      if (event.kind === "button") assert.ok(BUTTONS.includes(event.button) && PRESSES.includes(event.press));
      if (event.kind === "battery") assert.ok(event.percent === null || event.percent <= 100);
      assert.notEqual(event.kind, "lost");
    }
    assert.ok(counters.get("board-event-unknown") > 100 && counters.get("board-answer-late") > 1_000);
  });

  it("20,000 calls leave nothing behind", async (t) => {
    const { board, simulated, pass } = await connected(t);
    const pets = async (count: number) => {
      for (let i = 1; i <= count; i++) {
        await board.petWatchdog(signal);
        // the test's clock forgets a wait that was given up only when its time comes
        if (i % 500 === 0) await pass(600);
      }
    };
    await pets(2_000);
    const beforeBytes = heldBytes();
    await pets(20_000);
    assert.ok(heldBytes() - beforeBytes < 4 * 2 ** 20);
    assert.equal(simulated.carriedOut.get("watchdog-pet"), 22_000);
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });
});

describe("the watchdog of a board", () => {
  it("resets the unit when it is not petted, and never while it is", async (t) => {
    const { board, sights, simulated, during, pass, until } = await connected(t);
    await during(board.armWatchdog(10, signal));
    for (let i = 0; i < 6; i++) {
      await pass(5_000);
      await during(board.petWatchdog(signal));
    }
    assert.ok(!sights.some(({ kind }) => kind === "unit-reset"));
    await until("reset", () => sights.some(({ kind }) => kind === "unit-reset"));
    await until("greeted anew", () => board.state.kind === "there");
    assert.equal(simulated.hardware.resetReason, "watchdog");
  });

  it("rests when it is disarmed", async (t) => {
    const { board, sights, during, pass } = await connected(t);
    await during(board.armWatchdog(10, signal));
    await during(board.armWatchdog(0, signal));
    await pass(20_000);
    assert.ok(!sights.some(({ kind }) => kind === "unit-reset"));
  });
});

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { RecorderDriver } from "../../../../drivers/recorders/recorder-driver.ts";
import { QUARANTINE_LIMITS, Quarantine } from "../../../../drivers/usb/host/quarantine.ts";
import { SpokenWith } from "../../../../drivers/usb/host/spoken-with.ts";
import { ManualClock } from "../../../support/surroundings.ts";
import { HostBench } from "../../../support/usb/host-bench.ts";
import { eventually } from "../../../support/waiting.ts";

const { trialMs, windowMs, firstMs, longestMs } = QUARANTINE_LIMITS;
const NEVER = new AbortController().signal;

/** Lets time pass until the next held port may come in, and lets it in. */
function letNextIn(quarantine: Quarantine, clock: ManualClock): string {
  const next = quarantine.next();
  assert.ok(next !== null);
  clock.advance(next.inMs);
  quarantine.letIn(next.port);
  return next.port;
}

describe("a quarantine", () => {
  let clock = new ManualClock();
  let quarantine = new Quarantine(clock);
  beforeEach(() => {
    clock = new ManualClock();
    quarantine = new Quarantine(clock);
  });

  it("leaves a port alone whose device ended the process three times, for longer each time", () => {
    quarantine.ended(["1-1"]);
    assert.equal(quarantine.sentenceOf("1-1"), null);
    letNextIn(quarantine, clock);
    quarantine.ended(["1-1", "1-2"]);
    letNextIn(quarantine, clock);
    for (const [ends, leftMs] of [
      [3, firstMs],
      [4, 2 * firstMs],
      [5, 4 * firstMs],
    ] as const) {
      quarantine.ended(["1-1", "1-2"]);
      assert.deepEqual(quarantine.sentenceOf("1-1"), { ends, leftMs });
      assert.deepEqual(quarantine.held(), ["1-1"]);
      assert.deepEqual(quarantine.next(), { port: "1-1", inMs: leftMs });
      letNextIn(quarantine, clock);
      assert.equal(quarantine.sentenceOf("1-1"), null);
    }
    for (let i = 0; i < 20; i++) {
      quarantine.ended(["1-1"]);
      letNextIn(quarantine, clock);
    }
    quarantine.ended(["1-1"]);
    assert.equal(quarantine.sentenceOf("1-1")?.leftMs, longestMs);
  });

  it("tries those of several one by one, who came last first, and frees the others when one is found", () => {
    quarantine.ended(["1-3", "1-2", "1-1"]);
    assert.deepEqual(quarantine.held(), [], "once is nobody's fault yet");
    quarantine.ended(["1-3", "1-2", "1-1"]);
    assert.deepEqual(quarantine.held(), ["1-3", "1-2", "1-1"]);
    assert.equal(letNextIn(quarantine, clock), "1-3");
    quarantine.acquit();
    assert.deepEqual(quarantine.next(), { port: "1-2", inMs: 0 });
    assert.equal(letNextIn(quarantine, clock), "1-2");
    // 1-3 is through its trial, 1-1 not spoken with yet
    quarantine.ended(["1-2", "1-3"]);
    assert.deepEqual(quarantine.held(), ["1-2"]);
  });

  it("tries longer each time that nobody is found", () => {
    quarantine.ended(["1-1", "1-2"]);
    for (const forMs of [trialMs, 2 * trialMs, 4 * trialMs]) {
      quarantine.ended(["1-1", "1-2"]);
      for (const port of ["1-1", "1-2"]) {
        assert.equal(quarantine.letIn(port), forMs);
        quarantine.acquit();
      }
    }
    assert.equal(quarantine.next(), null);
    clock.advance(windowMs + 1);
    quarantine.ended(["1-1", "1-2"]);
    assert.deepEqual(quarantine.held(), [], "long after the others it is the first");
  });

  it("forgets who was good for a whole window", () => {
    for (const isGood of [false, true]) {
      quarantine = new Quarantine(clock);
      for (let i = 0; i < 3; i++) {
        quarantine.ended(["1-1"]);
        letNextIn(quarantine, clock);
      }
      clock.advance(isGood ? windowMs + 1 : windowMs - 1);
      quarantine.ended(["1-1"]);
      assert.equal(quarantine.sentenceOf("1-1") === null, isGood);
    }
  });

  it("holds nobody when nobody was spoken with", () => {
    quarantine.ended([]);
    assert.deepEqual(quarantine.held(), []);
    assert.equal(quarantine.next(), null);
  });
});

describe("who is spoken with", () => {
  it("is so until all of it has ended, or it was pulled", () => {
    const spokenWith = new SpokenWith();
    const one = { insertion: 1, port: "1-1" };
    spokenWith.begin(one);
    spokenWith.begin({ insertion: 2, port: "1-2" });
    spokenWith.begin(one);
    assert.deepEqual(spokenWith.ports(), ["1-1", "1-2"]);
    spokenWith.end(1);
    assert.deepEqual(spokenWith.ports(), ["1-1", "1-2"]);
    spokenWith.end(1);
    spokenWith.end(1);
    assert.deepEqual(spokenWith.ports(), ["1-2"]);
    spokenWith.gone(2);
    assert.deepEqual(spokenWith.ports(), []);
  });
});

describe("the USB process with a device that ends it whenever it is spoken with", () => {
  let bench: HostBench;
  beforeEach(async () => {
    const limits = { ...QUARANTINE_LIMITS, trialMs: 300, firstMs: 5_000 };
    bench = await HostBench.start(undefined, 700, undefined, limits);
  });
  afterEach(() => bench.end());

  /** As a dock does: whatever is attached is opened; what was, by port. */
  function openAll(): { recorders: Map<string, RecorderDriver>; stop: () => void } {
    const recorders = new Map<string, RecorderDriver>();
    let seen = 0;
    const look = () => {
      for (const event of bench.events.slice(seen)) {
        if (event.kind === "detached") recorders.delete(event.device.port);
        if (event.kind !== "attached") continue;
        const { device } = event;
        bench.open(device).then(
          (recorder) => recorders.set(device.port, recorder),
          () => {},
        );
      }
      seen = bench.events.length;
    };
    const timer = setInterval(look, 5);
    return { recorders, stop: () => clearInterval(timer) };
  }

  /** The sentence that is told from event `from` on. */
  async function sentence(from = 0) {
    const found = () => bench.events.slice(from).find((event) => event.kind === "quarantined");
    await eventually("quarantine", () => found() !== undefined, 30_000);
    const told = found();
    assert.ok(told?.kind === "quarantined");
    return { port: told.device.port, ...told.sentence };
  }

  for (const mischief of ["crash", "hang"] as const) {
    it(`leaves it alone after three times (${mischief}); the others are spoken with meanwhile`, async () => {
      const { recorders, stop } = openAll();
      try {
        await bench.plug("1-1");
        await eventually("the good one is open", () => recorders.has("1-1"));
        await bench.plug("1-2", `${mischief}-on-open`);
        const first = await sentence();
        assert.deepEqual([first.port, first.ends], ["1-2", 3]);
        const from = bench.events.length;
        const { restarts } = bench.host;
        await eventually("the good one is open again", () => recorders.has("1-1"));
        const identity = await recorders.get("1-1")?.identify(NEVER);
        assert.equal(identity?.serial, "1-1");
        assert.equal(bench.host.restarts, restarts);
        assert.equal(recorders.has("1-2"), false);
        if (mischief === "hang") return;
        // when its time is over it is let in again, and left alone at once for longer
        const second = await sentence(from);
        assert.equal(second.ends, 4);
        assert.ok(second.leftMs > first.leftMs);
      } finally {
        stop();
      }
    });
  }

  it("tells when what is left alone is pulled out", async () => {
    const { stop } = openAll();
    try {
      await bench.plug("1-2", "crash-on-open");
      await sentence();
      await bench.unplug("1-2");
      await eventually("it is gone", () => bench.events.at(-1)?.kind === "detached");
    } finally {
      stop();
    }
  });
});

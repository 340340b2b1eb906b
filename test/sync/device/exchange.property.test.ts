import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fraction } from "../../../config/base/random.ts";
import { seededRandom } from "../../support/surroundings.ts";
import { backlog } from "../../support/sync/backlog.ts";
import { type Fate, SimulatedExchange } from "../../support/sync/simulated-exchange.ts";

const WINDOW_BYTES = 2 * 1024 * 1024;

interface Weather {
  seed: string;
  loss: number;
  doubling: number;
  maxDelayMs: number;
}

/** Loses, doubles, delays and so shuffles messages. */
function network({ seed, loss, doubling, maxDelayMs }: Weather): Fate {
  const random = seededRandom(seed);
  const delay = () => 1 + Math.floor(fraction(random) * maxDelayMs);
  return () => {
    if (fraction(random) < loss) return [];
    return fraction(random) < doubling ? [delay(), delay()] : [delay()];
  };
}

const disconnections = fc.array(fc.integer({ min: 5, max: 20_000 }), { maxLength: 6 });

test("over any network that now and then delivers something, all evidence arrives and is signed for", (t) => {
  const { reader } = backlog(t);
  const weather = fc.record({
    seed: fc.string({ maxLength: 8 }),
    loss: fc.double({ min: 0, max: 0.3, noNaN: true }),
    doubling: fc.double({ min: 0, max: 0.3, noNaN: true }),
    maxDelayMs: fc.integer({ min: 0, max: 3_000 }),
  });
  const credits = fc.constantFrom(1, 70_000, 300_000, 8 * WINDOW_BYTES);
  fc.assert(
    fc.property(weather, disconnections, credits, (kind, breaks, credit) => {
      const exchange = new SimulatedExchange(reader, network(kind));
      exchange.receiver.credit = credit;
      exchange.connect();
      for (const atMs of breaks) {
        exchange.at(atMs, () => exchange.disconnect());
        exchange.at(atMs + 1_000, () => exchange.connect());
      }
      exchange.runUntilSettled();
      assert.ok(exchange.receiver.holdsEverything());
      assert.deepEqual(exchange.machine.alarms.codes, []);
    }),
    { numRuns: 60, seed: 42 },
  );
});

test("where nothing is lost but connections, at most one window is sent again for each", (t) => {
  const { reader, mediaBytes } = backlog(t);
  fc.assert(
    fc.property(disconnections, fc.integer({ min: 0, max: 400 }), (breaks, delayMs) => {
      const exchange = new SimulatedExchange(reader, () => [delayMs]);
      exchange.connect();
      for (const atMs of breaks) {
        exchange.at(atMs, () => exchange.disconnect());
        exchange.at(atMs + 500, () => exchange.connect());
      }
      exchange.runUntilSettled();
      assert.ok(exchange.receiver.holdsEverything());
      const { mediaBytes: sentBytes, resentMediaBytes } = exchange.machine.outbox.traffic.total;
      assert.ok(sentBytes <= mediaBytes + breaks.length * WINDOW_BYTES, `${sentBytes} of ${mediaBytes}`);
      assert.equal(sentBytes - resentMediaBytes, mediaBytes);
      if (breaks.length === 0) assert.equal(resentMediaBytes, 0);
    }),
    { numRuns: 40, seed: 42 },
  );
});

test("a network that delivers nothing leaves everything here (control)", (t) => {
  const { reader } = backlog(t);
  const exchange = new SimulatedExchange(reader, () => []);
  exchange.connect();
  exchange.runFor(600_000);
  assert.equal(exchange.machine.isSettled(exchange.nowMs), false);
  assert.ok(
    exchange.sent.every(({ kind }) => kind === "hello"),
    "nothing but questions before the first answer",
  );
  assert.ok(exchange.sent.length >= 8 && exchange.sent.length <= 30, `${exchange.sent.length} questions`);
});

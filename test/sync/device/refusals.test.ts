import assert from "node:assert/strict";
import { test } from "node:test";
import type { NackCode } from "../../../sync/wire/messages.ts";
import { backlog } from "../../support/sync/backlog.ts";
import { SimulatedExchange } from "../../support/sync/simulated-exchange.ts";

const MINUTE_MS = 60_000;

/** Has the receiver refuse the first message of `kind`, once. */
function refuseOnce(
  exchange: SimulatedExchange,
  kind: "hello" | "entries" | "part",
  code: NackCode,
  retryAfterMs?: number,
) {
  const take = exchange.receiver.take.bind(exchange.receiver);
  let isDone = false;
  exchange.receiver.take = (action) => {
    if (isDone || action.kind !== kind) return take(action);
    isDone = true;
    const about =
      action.kind === "part"
        ? `media/${action.part.digest}/${action.part.offset}`
        : action.kind === "entries"
          ? `entries/${action.batch.from}`
          : "hello";
    return [{ kind: "nack", nack: { code, about, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } }];
  };
}

test("slow-down and disk-full pause entries and media for as long as the receiver says", async (t) => {
  const { reader } = backlog(t);
  for (const [code, retryAfterMs, least, most] of [
    ["slow-down", 5_000, 5_000, 6_000],
    ["disk-full", undefined, 60_000, 61_000],
    ["slow-down", 99 * MINUTE_MS, 10 * MINUTE_MS, 10 * MINUTE_MS + 1_000],
  ] as const) {
    await t.test(`${code}, retry after ${retryAfterMs} ms`, () => {
      const exchange = new SimulatedExchange(reader);
      refuseOnce(exchange, "entries", code, retryAfterMs);
      exchange.connect();
      exchange.runUntil("refused", () => exchange.counters.get(`nack-${code}`) === 1);
      const before = exchange.sentOf("entries").length;
      const refusedMs = exchange.nowMs;
      assert.deepEqual(exchange.machine.alarms.codes, code === "disk-full" ? ["receiver-full"] : []);
      exchange.runUntil("sent again", () => exchange.sentOf("entries").length > before, 30 * MINUTE_MS);
      const pausedMs = exchange.nowMs - refusedMs;
      assert.ok(pausedMs >= least && pausedMs <= most, `${pausedMs} ms`);
      exchange.runUntilSettled();
      assert.deepEqual(exchange.machine.alarms.codes, []);
    });
  }
});

test("a refusal that time alone does not mend holds everything back for ten minutes, with an alarm", async (t) => {
  const { reader } = backlog(t);
  for (const code of [
    "bad-entry",
    "fork",
    "unknown-device",
    "unauthorized",
    "too-large",
    "unsupported",
  ] as const) {
    await t.test(code, () => {
      const exchange = new SimulatedExchange(reader);
      refuseOnce(exchange, "entries", code);
      exchange.connect();
      exchange.runUntil("refused", () => exchange.counters.get(`nack-${code}`) === 1);
      const before = exchange.sent.length;
      exchange.runFor(9.9 * MINUTE_MS);
      assert.equal(exchange.sent.length, before);
      assert.deepEqual(exchange.machine.alarms.codes, [`refused-${code}`]);
      exchange.runUntilSettled();
      assert.deepEqual(exchange.machine.alarms.codes, []);
    });
  }
  await t.test("though a device that is enrolled meanwhile goes on at its next hello", () => {
    const exchange = new SimulatedExchange(reader);
    refuseOnce(exchange, "hello", "unknown-device");
    exchange.connect();
    exchange.runFor(MINUTE_MS);
    assert.deepEqual(
      exchange.sent.map(({ kind }) => kind),
      ["hello"],
    );
    exchange.disconnect();
    exchange.connect();
    exchange.runFor(1_000);
    assert.ok(exchange.sentOf("part").length > 0);
  });
});

test("unannounced: media waits for the next have", (t) => {
  const { reader } = backlog(t);
  const exchange = new SimulatedExchange(reader);
  refuseOnce(exchange, "part", "unannounced");
  exchange.connect();
  exchange.runUntilSettled();
  assert.ok(exchange.receiver.holdsEverything());
});

test("bad-hash: the own copy is read again and sent once more; refused again, it rests ten minutes", (t) => {
  const { reader } = backlog(t, [40]);
  const [row] = reader.media.documentsWithin(0, reader.size(), 1);
  assert.ok(row !== undefined);
  const about = `media/${row.digest}/0`;
  const refuse = (exchange: SimulatedExchange) => {
    exchange.receiver.drop(row.digest);
    exchange.say({ kind: "nack", nack: { code: "bad-hash", about } });
  };
  const exchange = new SimulatedExchange(reader);
  const times = () => exchange.sentOf("part").filter(({ part }) => part.digest === row.digest).length;
  const take = exchange.receiver.take.bind(exchange.receiver);
  let refusals = 0;
  exchange.receiver.take = (action) => {
    if (action.kind !== "part" || action.part.digest !== row.digest || refusals === 2) return take(action);
    refusals++;
    refuse(exchange);
    return [];
  };
  exchange.connect();
  exchange.runUntil("refused twice", () => exchange.machine.alarms.codes.includes("media-refused"));
  assert.equal(times(), 2);
  assert.deepEqual(
    exchange.sentOf("check-file").map(({ digest }) => digest),
    [row.digest, row.digest],
  );
  const restedMs = exchange.nowMs;
  exchange.runUntil("sent a third time", () => times() === 3);
  assert.ok(exchange.nowMs - restedMs >= 10 * MINUTE_MS);
  exchange.runUntilSettled();
});

test("bad-hash with a damaged own copy: alarm, and the rest goes on", (t) => {
  const { reader } = backlog(t, [40]);
  const exchange = new SimulatedExchange(reader);
  const [row] = reader.media.documentsWithin(0, reader.size(), 1);
  assert.ok(row !== undefined);
  exchange.machine.checkedOwnCopy(row.digest, false, 0);
  exchange.connect();
  exchange.runFor(MINUTE_MS);
  const sent = new Set(exchange.sentOf("part").map(({ part }) => part.digest));
  assert.ok(!sent.has(row.digest) && sent.size === reader.media.totals().files - 1);
  assert.deepEqual(exchange.machine.alarms.codes, ["media-damaged"]);
});

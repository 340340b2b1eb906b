import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { USUAL_ORDER } from "../../../../sync/device/outbox/wanted.ts";
import type { NetworkRule } from "../../../../sync/device/policy/rules.ts";
import { timed } from "../../../../sync/device/policy/send-policy.ts";
import { type Moment, UploadPolicy } from "../../../../sync/device/policy/upload-policy.ts";
import { queueOf } from "../../../../sync/device/policy/upload-queue.ts";
import { backlog, REC_ACTIVITY, REC_MARKED, REC_PLAIN } from "../../../support/sync/backlog.ts";
import { promptly, SimulatedExchange } from "../../../support/sync/simulated-exchange.ts";

const ACTIVITY = "00000000-0000-4000-8000-0000000000aa";
const MINUTE_MS = 60_000;

/** A device with one recording of each sort, its exchange with a receiver, and the policy between them. */
function governed(t: TestContext, changes: Partial<NetworkRule>) {
  const { reader, evidence } = backlog(t, [40, 50_000, 60_000]);
  const rule: NetworkRule = {
    name: "mobile",
    media: "all",
    rateBytesS: 0,
    dailyBytes: 0,
    hours: [],
    ...changes,
  };
  const policy = new UploadPolicy([rule], USUAL_ORDER);
  const at = (): Moment => ({
    monoMs: exchange.nowMs,
    utcMs: exchange.nowMs,
    day: "2026-01-02",
    minute: Math.floor(exchange.nowMs / MINUTE_MS) % 1440,
  });
  const exchange: SimulatedExchange = new SimulatedExchange(reader, promptly, { policy: timed(policy, at) });
  exchange.connect();
  /** Recordings of which media was sent, in order, but for the initialisation segment that they share. */
  const sent = () => {
    const rows = exchange.sentOf("part").map(({ part }) => reader.media.naming(part.digest));
    const own = rows.filter(({ length }) => length === 1).map(([row]) => row?.rec ?? row?.type);
    return [...new Set(own)];
  };
  const { outbox } = exchange.machine;
  const queue = () =>
    queueOf({
      rows: outbox.waiting(USUAL_ORDER, policy.firsts),
      going: outbox.waiting(policy.orderAt(at()).order, policy.orderAt(at()).first),
      first: policy.firsts,
      view: policy.view(at()),
      limit: 50,
      sentBytesS: 1_000,
    }).items;
  const backlogBytes = () => outbox.backlog().bytes;
  return { exchange, evidence, policy, at, sent, queue, backlogBytes };
}

test("a network for marked recordings takes those and every entry; the rest waits, and goes when it may", (t) => {
  const { exchange, policy, at, sent, queue, backlogBytes } = governed(t, { media: "marked" });
  exchange.runFor(10 * MINUTE_MS);
  assert.deepEqual(sent(), [REC_MARKED]);
  assert.ok(exchange.sentOf("hello").length < 20, "it does not nag the receiver meanwhile");
  assert.ok(!exchange.machine.isSettled(exchange.nowMs) && backlogBytes() > 0, "what waits is not forgotten");
  assert.deepEqual(
    queue().map(({ rec, held }) => [rec, held]),
    [
      [null, "network"],
      [REC_ACTIVITY, "network"],
      [REC_PLAIN, "network"],
    ],
  );
  policy.now(60, at());
  exchange.machine.outbox.orderChanged();
  exchange.runUntilSettled();
  assert.equal(backlogBytes(), 0);
});

test("nothing but questions leaves in a pause, and all goes after its end", (t) => {
  const { exchange, policy, at } = governed(t, {});
  policy.pause(30, at());
  exchange.runFor(29 * MINUTE_MS);
  assert.deepEqual([exchange.sentOf("entries").length, exchange.sentOf("part").length], [0, 0]);
  exchange.runUntilSettled();
  assert.ok(exchange.nowMs >= 30 * MINUTE_MS);
});

test("a limited rate takes its time, and everything arrives", (t) => {
  const { exchange, backlogBytes } = governed(t, { rateBytesS: 10_000 });
  const bytes = backlogBytes();
  exchange.runUntilSettled();
  assert.ok(exchange.nowMs >= ((bytes - 70_000) / 10_000) * 1000, `${bytes} in ${exchange.nowMs} ms`);
});

test("hours that are closed for longer than a receiver's patience lose nothing", (t) => {
  const { exchange, backlogBytes } = governed(t, { hours: [[40, 50]] });
  exchange.runFor(39 * MINUTE_MS);
  assert.equal(exchange.sentOf("part").length, 0);
  exchange.runUntilSettled();
  assert.equal(backlogBytes(), 0);
});

test("a recording that is linked by a person, or ordered first, goes before marked ones", (t) => {
  const { exchange, evidence, policy, sent } = governed(t, {});
  evidence.append({ type: "activity.link", activity: ACTIVITY, rec: REC_PLAIN, basis: "stated" });
  policy.first(REC_ACTIVITY);
  exchange.runUntilSettled();
  const order = sent().filter((what) => what?.startsWith("0000"));
  assert.deepEqual(order, [REC_ACTIVITY, REC_PLAIN, REC_MARKED]);
});

test("a link that is taken back raises nothing; a dispute raises every recording of its activity", (t) => {
  const { exchange, evidence, sent } = governed(t, {});
  evidence.append({ type: "activity.link", activity: ACTIVITY, rec: REC_PLAIN, basis: "stated" });
  evidence.append({ type: "activity.unlink", activity: ACTIVITY, rec: REC_PLAIN, reason: "another street" });
  evidence.append({ type: "activity.dispute", activity: ACTIVITY, text: "not so" });
  exchange.runUntilSettled();
  const order = sent().filter((what) => what?.startsWith("0000"));
  assert.deepEqual(order, [REC_ACTIVITY, REC_MARKED, REC_PLAIN]);
});

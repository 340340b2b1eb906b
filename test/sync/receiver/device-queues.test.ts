import assert from "node:assert/strict";
import { test } from "node:test";
import { DeviceQueues } from "../../../sync/receiver/device-queues.ts";
import type { UpMessage } from "../../../sync/receiver/store/letters.ts";
import { ManualClock } from "../../support/surroundings.ts";

const MIB = 1024 * 1024;
const LIMITS = { creditBytes: 2 * MIB, queuedBytes: 16 * MIB };

function message(bytes: number): UpMessage {
  return { subject: { kind: "hello" }, payload: new Uint8Array(bytes) };
}

test("messages of a device come out in their order", () => {
  const queues = new DeviceQueues(LIMITS, new ManualClock());
  for (const bytes of [3, 1, 2]) assert.ok(queues.add("a", message(bytes)));
  const [batch, ...others] = queues.take();
  assert.deepEqual(
    batch?.messages.map(({ payload }) => payload.length),
    [3, 1, 2],
  );
  assert.deepEqual([others, queues.take(), queues.bytes], [[], [], 6]);
  queues.release(6);
  assert.equal(queues.bytes, 0);
});

test("no device waits behind another's whole window", () => {
  const queues = new DeviceQueues({ ...LIMITS, creditBytes: 8 * MIB }, new ManualClock());
  for (let i = 0; i < 8; i++) queues.add("greedy", message(MIB));
  queues.add("modest", message(10));
  const first = queues.take();
  assert.deepEqual(
    first.map(({ dev, messages }) => [dev, messages.length]),
    [
      ["greedy", 4],
      ["modest", 1],
    ],
  );
  queues.add("modest", message(10));
  queues.add("late", message(10));
  assert.deepEqual(
    queues.take().map(({ dev }) => dev),
    ["greedy", "modest", "late"],
  );
});

test("more than sixteen devices take turns", () => {
  const queues = new DeviceQueues(LIMITS, new ManualClock());
  for (let i = 0; i < 20; i++) queues.add(`device ${i}`, message(1));
  queues.add("device 0", message(1));
  assert.equal(queues.take().length, 16);
  assert.deepEqual(
    queues.take().map(({ dev }) => dev),
    ["device 16", "device 17", "device 18", "device 19"],
  );
});

test("a device that overruns its credit is refused, the others are not", () => {
  const queues = new DeviceQueues(LIMITS, new ManualClock());
  let taken = 0;
  while (queues.add("flood", message(MIB / 4))) taken++;
  assert.equal(taken, 16, "its credit, its entries and one part");
  assert.ok(queues.add("honest", message(MIB)));
  let small = 0;
  while (queues.add("chatter", message(1))) small++;
  assert.equal(small, 64);
});

test("all devices together stay within the memory given", () => {
  const queues = new DeviceQueues(LIMITS, new ManualClock());
  for (let i = 0; i < 100; i++) for (let j = 0; j < 4; j++) queues.add(`device ${i}`, message(MIB / 2));
  assert.equal(queues.bytes, 16 * MIB);
  // what was taken is still in memory until it is stored
  queues.take();
  assert.equal(queues.add("one more", message(1)), false);
  queues.release(MIB);
  assert.ok(queues.add("one more", message(1)));
});

test("credit is shared among the devices that were heard lately", () => {
  const clock = new ManualClock();
  const queues = new DeviceQueues(LIMITS, clock);
  const credit = () => {
    queues.add("a", message(1));
    queues.release(1);
    return queues.take()[0]?.creditBytes;
  };
  assert.equal(credit(), 2 * MIB);
  for (let i = 0; i < 15; i++) queues.add(`device ${i}`, message(1));
  assert.equal(credit(), MIB / 2);
  queues.take();
  clock.advance(10_001);
  assert.equal(credit(), 2 * MIB);
  for (let i = 0; i < 1000; i++) queues.add(`device ${i}`, message(0));
  assert.equal(credit(), 64 * 1024, "never less than one small part");
});

test("waiting ends with a message, with time, or with the signal", async () => {
  const clock = new ManualClock();
  const queues = new DeviceQueues(LIMITS, clock);
  const { signal } = new AbortController();
  const mail = queues.waitForMail(1000, signal);
  queues.add("a", message(1));
  await mail;
  await queues.waitForMail(1000, signal);
  queues.take();
  const time = queues.waitForMail(1000, signal);
  clock.advance(1000);
  await time;
  const stopping = new AbortController();
  const stopped = queues.waitForMail(1000, stopping.signal);
  stopping.abort();
  await stopped;
});

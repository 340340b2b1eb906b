import assert from "node:assert/strict";
import { test } from "node:test";
import { PartSize } from "../../../../sync/device/outbox/part-size.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** The size chosen after a full window each time took `elapsedMs`. */
function after(elapsedMs: number, windowBytes = 2 * MIB): number {
  const size = new PartSize(60);
  for (let i = 0; i < 10; i++) size.answered(windowBytes, elapsedMs);
  return size.bytes;
}

test("parts are 256 KiB until the link shows itself slow or fast", () => {
  assert.equal(new PartSize(60).bytes, 256 * KIB);
  assert.equal(after(1_700), 256 * KIB, "10 Mbit/s");
  assert.equal(after(20), MIB, "a local network");
  // 256 KiB would take more than 15 s, a quarter of the keepalive
  assert.equal(after(150_000), 64 * KIB, "14 kB/s");
  assert.equal(after(100_000), 256 * KIB, "21 kB/s");
});

test("a small file that is answered soon says nothing of the speed", () => {
  assert.equal(after(200, 40), 256 * KIB);
  assert.equal(after(16_000, 40), 64 * KIB);
});

test("after a timeout parts are small, and grow again with the link", () => {
  const size = new PartSize(60);
  size.timedOut();
  assert.equal(size.bytes, 64 * KIB);
  for (let i = 0; i < 3; i++) size.answered(512 * KIB, 1_000);
  assert.equal(size.bytes, 256 * KIB);
});

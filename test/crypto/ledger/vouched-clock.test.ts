import assert from "node:assert/strict";
import { test } from "node:test";
import type { EntryTime } from "../../../crypto/entry/envelope.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import {
  type ClockOrigin,
  type ClockVoucher,
  VouchedClock,
} from "../../../crypto/ledger/writer/clock-origin.ts";
import { TestDevice } from "../../support/evidence.ts";
import { ManualClock } from "../../support/surroundings.ts";

/** A clock of which `system` is known, and what vouches for it. */
function bench(system: ClockOrigin) {
  const clock = new ManualClock();
  const vouched = new VouchedClock(clock, () => system);
  const vouch = (src: ClockVoucher["src"], offMs: number, uncMs = 1000) =>
    vouched.vouch({ src, utcMs: clock.utcMs() - offMs, monoUs: clock.monoUs(), uncMs, validForMs: 60_000 });
  return { clock, vouched, vouch };
}

test("a voucher counts while it is valid and the wall clock agrees with it", () => {
  const { clock, vouched, vouch } = bench({ src: "none" });
  assert.deepEqual(vouched.origin(), { src: "none" });
  vouch("gnss", 250);
  assert.deepEqual(vouched.origin(), { src: "gnss", uncMs: 1250 });
  clock.advance(60_000);
  assert.deepEqual(vouched.origin(), { src: "gnss", uncMs: 1250 });
  clock.advance(1);
  assert.deepEqual(vouched.origin(), { src: "none" });
});

test("a wall clock that is wrong, or is set wrong later, has nobody to vouch for it", () => {
  const { clock, vouched, vouch } = bench({ src: "none" });
  vouch("gnss", 1001);
  assert.deepEqual(vouched.origin(), { src: "none" });
  vouch("gnss", 0);
  assert.equal(vouched.origin().src, "gnss");
  clock.stepWall(-1001);
  assert.deepEqual(vouched.origin(), { src: "none" });
  clock.stepWall(1001);
  assert.equal(vouched.origin().src, "gnss");
});

test("GNSS comes before NTP, NTP before a clock chip", () => {
  const synchronised = bench({ src: "ntp" });
  synchronised.vouch("rtc", 0);
  assert.deepEqual(synchronised.vouched.origin(), { src: "ntp" });
  synchronised.vouch("gnss", 0);
  assert.equal(synchronised.vouched.origin().src, "gnss");
  const alone = bench({ src: "rtc" });
  alone.vouch("rtc", 100, 2000);
  assert.deepEqual(alone.vouched.origin(), { src: "rtc", uncMs: 2100 });
});

test("entries say who vouched, and a later step who did not", (t) => {
  const device = new TestDevice(t);
  const evidence = device.start();
  const { clock } = device;
  const beat = () => evidence.append({ type: "device.heartbeat", free_bytes: 1, recording: false });
  evidence.vouchClock({
    src: "gnss",
    utcMs: clock.utcMs() + 40,
    monoUs: clock.monoUs(),
    uncMs: 1000,
    validForMs: 60_000,
  });
  const vouched = beat().seq;
  clock.stepWall(5_000);
  const stepped = beat().seq;
  const reader = LedgerReader.open(device.dataDir);
  t.after(() => reader.close());
  const time = (seq: number) => reader.body(seq).t as unknown as EntryTime;
  assert.deepEqual([time(vouched).src, time(vouched).unc_ms], ["gnss", 1040]);
  assert.deepEqual([time(stepped).src, time(stepped).unc_ms], ["rtc", undefined]);
  assert.equal(reader.body(stepped - 1).type, "device.clock");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Alarms } from "../../../../agent/alarms.ts";
import { ClockKeeper, type ClockKeeperParts } from "../../../../agent/recorder/clock/clock-keeper.ts";
import { setWallClock } from "../../../../agent/recorder/clock/wall-clock.ts";
import { createLogger } from "../../../../config/base/logger.ts";
import type { ClockVoucher } from "../../../../crypto/ledger/writer/clock-origin.ts";
import type { ControlBoard } from "../../../../drivers/serial/board/control-board.ts";
import { settled } from "../../../support/media/scripted-camera.ts";
import { ManualClock } from "../../../support/surroundings.ts";

const { signal } = new AbortController();

/** A clock that is `offMs` ahead of the truth, and who knows better. */
class Bench {
  readonly clock = new ManualClock();
  readonly log = createLogger("silent", "test");
  readonly alarms = new Alarms(this.clock, this.log);
  readonly vouchers: ClockVoucher[] = [];
  offMs = 0;
  hasFix = true;
  /** What the board's chip shows, relative to the truth. */
  chip = { offMs: 0, valid: true };
  readonly set: number[] = [];
  readonly keeper: ClockKeeper;
  readonly board: ControlBoard;

  constructor(parts: Partial<ClockKeeperParts> = {}) {
    this.keeper = new ClockKeeper({
      ledger: { vouchClock: async (voucher) => void this.vouchers.push(voucher) },
      gnssTime: () => (this.hasFix ? { utcMs: this.truthMs, uncMs: 1000 } : null),
      systemOrigin: () => ({ src: "none" }),
      setWallClock: null,
      alarms: this.alarms,
      clock: this.clock,
      log: this.log,
      ...parts,
    });
    this.board = {
      state: { kind: "there", identity: { features: ["clock"] } },
      readClock: async () => ({ utcMs: this.truthMs + this.chip.offMs, valid: this.chip.valid }),
      setClock: async (utcMs: number) => {
        this.set.push(utcMs - this.truthMs);
        return { utcMs, valid: true };
      },
    } as unknown as ControlBoard;
  }

  get truthMs(): number {
    return this.clock.utcMs() - this.offMs;
  }

  codes(): string[] {
    return this.alarms.list().map(({ code, detail }) => `${code} ${detail}`);
  }
}

test("a clock that agrees with GNSS is vouched for", async () => {
  const bench = new Bench();
  bench.offMs = 900;
  await bench.keeper.followGnss();
  assert.deepEqual(bench.vouchers, [
    { src: "gnss", utcMs: bench.truthMs, uncMs: 1000, monoUs: bench.clock.monoUs(), validForMs: 60_000 },
  ]);
  assert.deepEqual(bench.codes(), []);
});

test("one that is wrong is an alarm with the offset, until it is right again", async () => {
  const bench = new Bench();
  bench.offMs = -3_600_000;
  await bench.keeper.followGnss();
  assert.deepEqual(bench.codes(), ["clock-wrong off by -3600.0 s"]);
  bench.offMs = 0;
  await bench.keeper.followGnss();
  assert.deepEqual(bench.codes(), []);
});

test("where that is allowed it is set; a refusal is not repeated for ten minutes", async () => {
  let tried = 0;
  let allowed = false;
  const bench: Bench = new Bench({
    setWallClock: async (utcMs) => {
      tried++;
      if (!allowed) throw new Error("not permitted");
      bench.clock.stepWall(utcMs - bench.clock.utcMs());
      bench.offMs = 0;
    },
  });
  bench.offMs = 5000;
  await bench.keeper.followGnss();
  await bench.keeper.followGnss();
  assert.deepEqual([tried, bench.codes()], [1, ["clock-wrong off by 5.0 s"]]);
  allowed = true;
  bench.clock.advance(600_000);
  await bench.keeper.followGnss();
  assert.deepEqual([tried, bench.codes()], [2, []]);
  assert.equal(Math.round(bench.clock.utcMs() - bench.truthMs), 0);
});

test("a clock that NTP keeps is not set, whatever GNSS says", async () => {
  let tried = 0;
  const bench = new Bench({
    systemOrigin: () => ({ src: "ntp" }),
    setWallClock: async () => void tried++,
  });
  bench.offMs = 18_000;
  await bench.keeper.followGnss();
  assert.deepEqual([tried, bench.codes()], [0, ["clock-wrong off by 18.0 s"]]);
});

test("without a fix nothing is vouched for and nothing is judged", async () => {
  const bench = new Bench();
  bench.hasFix = false;
  bench.offMs = 1e9;
  await bench.keeper.followGnss();
  assert.deepEqual([bench.vouchers, bench.codes()], [[], []]);
});

test("the board's chip is set by who knows better, and only when it is off", async () => {
  const bench = new Bench();
  bench.chip = { offMs: 800, valid: true };
  await bench.keeper.followRtc(bench.board, signal);
  assert.deepEqual(bench.set, []);
  bench.chip = { offMs: -1500, valid: true };
  await bench.keeper.followRtc(bench.board, signal);
  bench.chip = { offMs: 0, valid: false };
  await bench.keeper.followRtc(bench.board, signal);
  assert.deepEqual(bench.set, [0, 0]);

  const synchronised = new Bench({ systemOrigin: () => ({ src: "ntp" }) });
  synchronised.hasFix = false;
  synchronised.chip = { offMs: 10_000, valid: true };
  await synchronised.keeper.followRtc(synchronised.board, signal);
  assert.deepEqual([synchronised.set, synchronised.vouchers], [[0], []]);
});

test("without anybody else the chip vouches; one that stood still, or was never set, does not", async () => {
  const bench = new Bench();
  bench.hasFix = false;
  await bench.keeper.followRtc(bench.board, signal);
  assert.deepEqual(
    bench.vouchers.map(({ src, uncMs }) => [src, uncMs]),
    [["rtc", 2000]],
  );
  assert.deepEqual(bench.set, []);
  bench.offMs = 10_000;
  await bench.keeper.followRtc(bench.board, signal);
  assert.deepEqual(bench.codes(), ["clock-wrong off by 10.0 s"]);

  for (const chip of [
    { offMs: 0, valid: false },
    { offMs: -20 * 365 * 86_400_000, valid: true },
  ]) {
    const other = new Bench();
    other.hasFix = false;
    other.chip = chip;
    await other.keeper.followRtc(other.board, signal);
    assert.deepEqual([other.vouchers, other.codes()], [[], []]);
  }
});

test("a chip that fails is asked again after a minute, one that works after an hour, a new board at once", async () => {
  const bench = new Bench();
  let reads = 0;
  let works = false;
  const board = {
    ...bench.board,
    readClock: async () => {
      reads++;
      if (!works) throw new Error("failed");
      return { utcMs: bench.truthMs, valid: true };
    },
  } as ControlBoard;
  const ending = new AbortController();
  const running = bench.keeper.run(() => board, ending.signal);
  const passes = async (s: number) => {
    for (let second = 0; second < s; second++) {
      await settled();
      bench.clock.advance(1000);
    }
    await settled();
  };
  await passes(59);
  assert.equal(reads, 1);
  works = true;
  await passes(1000);
  assert.equal(reads, 2);
  bench.keeper.boardConnected();
  await passes(11);
  assert.equal(reads, 3);
  ending.abort();
  await running;
});

test("a moment that no clock can have is refused with a code", async () => {
  await assert.rejects(setWallClock(Number.NaN), { code: "clock-not-set" });
});

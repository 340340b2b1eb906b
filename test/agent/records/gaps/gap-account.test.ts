import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { accountOf, type Filming, Shift, story } from "./shift.ts";

const W = { wearer: "110042" };
/** Eight seconds in four chunks. */
const EIGHT = [
  [0, 2],
  [2, 4],
  [4, 6],
  [6, 8],
] as const;

test("a shift from its first minute to its last, each with the entry that says why", (t) => {
  const shift = new Shift(t);
  const fromMs = shift.nowMs - 60_000;
  shift.idle(10);
  const muted = [{ reason: "muted", fromS: 4, toS: 6 }] as const;
  shift.film({ ...W, preEventMs: 2_000, chunks: EIGHT, gaps: muted });
  shift.idle(100);
  shift.restart("orderly", 300);
  shift.idle(5);
  shift.film({ ...W, chunks: EIGHT.slice(0, 2), stop: null });
  shift.restart("killed", 20);
  shift.idle(3);
  shift.evidence.append({ type: "device.heartbeat", free_bytes: 1, recording: false });
  const account = shift.account(W, { fromMs, toMs: shift.nowMs + 30_000 });
  assert.deepEqual(story(account), [
    "60 unknown ledger-begins",
    "8 off idle",
    "2 pre-event pre-event",
    "2 recorded covered",
    "2 muted gap:muted",
    "2 recorded covered",
    // the run's last entry is its close
    "100 off stopped:button",
    "300 off closed",
    "5 off idle",
    "4 recorded covered",
    "20 lost crash-recording",
    "3 off idle",
    "30 unknown ledger-ends",
  ]);
  const reader = LedgerReader.open(shift.device.dataDir);
  t.after(() => reader.close());
  for (const { cause } of account.intervals)
    if (cause.type !== undefined) assert.equal(reader.body(cause.seq as number).type, cause.type);
  assert.deepEqual(account.flags, []);
});

test("a hole between chunks is lost and flagged where no gap was signed, and only there", (t) => {
  const shift = new Shift(t);
  const fromMs = shift.nowMs;
  const chunks = [
    [0, 2],
    [5, 7],
    [10, 12],
  ] as const;
  const rec = shift.film({ ...W, chunks, gaps: [{ reason: "disk-full", fromS: 7, toS: 10 }] });
  const account = shift.account(W, { fromMs, toMs: shift.nowMs });
  assert.deepEqual(story(account), [
    "2 recorded covered",
    "3 lost no-chunk !",
    "2 recorded covered",
    "3 full gap:disk-full",
    "2 recorded covered",
  ]);
  const dev = account.intervals[0]?.cause.dev as string;
  assert.deepEqual(account.flags, [{ code: "no-chunk", dev, rec, ms: 3_000 }]);
});

test("a stop long after the last chunk claims time that nothing shows", (t) => {
  const shift = new Shift(t);
  const fromMs = shift.nowMs;
  shift.film({ ...W, chunks: EIGHT, stopAfterMs: 4_900 });
  const timely = shift.account(W, { fromMs, toMs: shift.nowMs });
  assert.deepEqual(story(timely), ["8 recorded covered", "4.9 off stopped:button"]);
  const secondMs = shift.nowMs;
  shift.film({ ...W, chunks: EIGHT, stopAfterMs: 60_000 });
  const late = shift.account(W, { fromMs: secondMs, toMs: shift.nowMs });
  assert.deepEqual(story(late), ["8 recorded covered", "60 lost no-chunk !"]);
});

test("chunks that claim more time than had passed cover no more than that", (t) => {
  const shift = new Shift(t);
  const fromMs = shift.nowMs;
  const rec = "11111111-2222-4333-8444-555555555555";
  const { evidence } = shift;
  const start = { rec, origin: "live", trigger: "button", ...W, pre_event_ms: 0 } as const;
  evidence.append({ type: "recording.start", ...start, tracks: [] });
  const chunk = { type: "recording.chunk", rec, key: false, longest_us: 0 } as const;
  evidence.appendMedia({ ...chunk, n: 0, from_us: 0, to_us: 0 }, [Buffer.from("init")]);
  evidence.appendMedia({ ...chunk, n: 1, from_us: 0, to_us: 3_600_000_000 }, [Buffer.from("an hour")]);
  shift.idle(600);
  evidence.append({ type: "recording.stop", rec, chunks: 2, bytes: 11, reason: "button" });
  const account = shift.account(W, { fromMs, toMs: shift.nowMs });
  assert.deepEqual(story(account), ["2 recorded covered", "598 lost no-chunk !"]);
  assert.deepEqual(
    account.flags.map(({ code }) => code),
    ["media-ahead", "no-chunk"],
  );
});

test("setting the wall clock in the shift makes and takes no time, and is told", (t) => {
  const shift = new Shift(t);
  const fromMs = shift.nowMs;
  shift.film({ ...W, chunks: EIGHT });
  shift.device.clock.stepWall(-3_600_000);
  shift.film({ ...W, chunks: EIGHT });
  shift.device.clock.stepWall(7_200_000);
  shift.film({ ...W, chunks: EIGHT });
  const account = shift.account(W, { fromMs, toMs: fromMs + 24_000 });
  assert.equal(account.totals.recorded, 24_000);
  assert.deepEqual(
    account.flags.map((flag) => [flag.code, "ms" in flag && flag.ms]),
    [["clock-set", 7_200_000]],
  );
});

test("a run whose clock contradicts the order of entries has no place in time: its stretch is unknown", (t) => {
  const shift = new Shift(t);
  const fromMs = shift.nowMs;
  shift.film({ ...W, chunks: EIGHT });
  shift.restart("orderly", 60, -86_400_000);
  shift.film({ ...W, chunks: EIGHT });
  shift.restart("orderly", 10, 86_400_000);
  const { totals, flags } = shift.account(W, { fromMs, toMs: shift.nowMs });
  assert.deepEqual([totals.recorded, totals.unknown], [8_000, 78_000]);
  assert.deepEqual(
    flags.map(({ code }) => code),
    ["clock-unknown"],
  );
});

test("a lost camera outside a recording is lost, whoever else was idle", (t) => {
  const shift = new Shift(t);
  const fromMs = shift.nowMs;
  shift.film({ ...W, chunks: EIGHT, stop: "camera-lost" });
  shift.idle(20);
  const gap = {
    type: "device.gap",
    reason: "camera-lost",
    mono_from_us: 8_000_000,
    mono_to_us: 28_000_000,
  } as const;
  shift.evidence.append(gap);
  shift.idle(5);
  shift.evidence.append({ type: "device.heartbeat", free_bytes: 1, recording: false });
  assert.deepEqual(story(shift.account(W, { fromMs, toMs: shift.nowMs })), [
    "8 recorded covered",
    "20 lost gap:camera-lost",
    "5 off stopped:camera-lost",
  ]);
});

test("two recorders of one officer merge: what either recorded is recorded", (t) => {
  const [one, two] = [new Shift(t), new Shift(t)];
  const fromMs = one.nowMs;
  one.film({ ...W, chunks: EIGHT });
  one.idle(12);
  one.evidence.close("done");
  two.idle(6);
  two.film({ ...W, chunks: EIGHT });
  two.film({ wearer: "another", chunks: EIGHT.slice(0, 2) });
  two.film({ chunks: EIGHT.slice(0, 1) });
  two.evidence.close("done");
  assert.deepEqual(story(accountOf(W, { fromMs, toMs: fromMs + 20_000 }, [one, two])), [
    "8 recorded covered",
    "6 recorded covered",
    "4 off stopped:button",
    "2 unknown wearer-unstated",
  ]);
  assert.deepEqual(story(accountOf({ wearer: "nobody" }, { fromMs, toMs: fromMs + 20_000 }, [one, two])), [
    "20 unknown no-ledger",
  ]);
});

const filming = fc
  .record({
    lengths: fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 3 })), { maxLength: 4 }),
    preEventS: fc.nat(2),
    stop: fc.constantFrom("button", null),
    stopAfterMs: fc.nat(12_000),
    wearer: fc.constantFrom("110042", "another"),
  })
  .map(({ lengths, preEventS, stop, stopAfterMs, wearer }): Filming => {
    let at = 0;
    const chunks = lengths.map(([hole, length]) => {
      const fromS = at + hole;
      at = fromS + length;
      return [fromS, at] as const;
    });
    return { wearer, chunks, preEventMs: Math.min(preEventS, at) * 1000, stop, stopAfterMs };
  });

test("whatever happened in a shift, the account sums to the span and to what the chunks cover", (t) => {
  const step = fc.oneof(
    filming.map((film) => (shift: Shift) => {
      shift.film(film);
      return film.wearer === W.wearer ? film.chunks.reduce((sum, [from, to]) => sum + to - from, 0) : 0;
    }),
    fc.nat(30).map((seconds) => (shift: Shift) => {
      shift.idle(seconds);
      return 0;
    }),
    fc.constantFrom("orderly" as const, "killed" as const).map((how) => (shift: Shift) => {
      shift.restart(how, 7);
      return 0;
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
      const shift = new Shift(t);
      const fromMs = shift.nowMs - 5_000;
      // pre-event time of the first recording may reach back before the ledger
      shift.idle(10);
      const coveredS = steps.reduce((sum, take) => sum + take(shift), 0);
      const account = shift.account(W, { fromMs, toMs: shift.nowMs + 5_000 });
      shift.evidence.end();
      const { recorded, "pre-event": preEvent } = account.totals;
      const sum = Object.values(account.totals).reduce((total, ms) => total + ms, 0);
      assert.equal(sum, account.toMs - account.fromMs);
      for (const [at, { fromMs: start }] of account.intervals.entries())
        assert.equal(start, account.intervals[at - 1]?.toMs ?? account.fromMs);
      // for each recording, at most a second before its first chunk counts as its own, and two seconds of pre-event
      // time may be those that the recording before holds
      const slackMs = 2_000 * steps.length;
      assert.ok(
        Math.abs(recorded + preEvent - coveredS * 1000) <= slackMs,
        `${recorded} ${preEvent} ${coveredS}`,
      );
    }),
    { numRuns: 8, seed: 7 },
  );
});

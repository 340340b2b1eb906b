import assert from "node:assert/strict";
import { join } from "node:path";
import { it, type TestContext } from "node:test";
import Database from "better-sqlite3";
import fc from "fast-check";
import { parseBody } from "../../../../crypto/bytes/canonical.ts";
import { RangeSet } from "../../../../crypto/bytes/ranges.ts";
import { LedgerStore } from "../../../../crypto/ledger/db/store.ts";
import { delayStep, delayStepEdges } from "../../../../crypto/ledger/db/tables/report/delay-scale.ts";
import { REPORT_NAMES } from "../../../../crypto/ledger/db/tables/report/report-schema.ts";
import type { Evidence } from "../../../support/ledger/evidence.ts";
import { LedgerMaker } from "../../../support/ledger/ledger-maker.ts";
import { workingWeek } from "../../../support/reports/working-week.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";

/** Stores entry by entry, each receipt just before the entry that names it, as a device and a receiver do. */
function storeAsItCame(t: TestContext, { entries, receipts }: Evidence): string {
  const dataDir = temporaryDirectory(t);
  const store = LedgerStore.open(dataDir);
  const waiting = [...receipts];
  for (const row of entries) {
    const parsed = parseBody(row.body);
    const receipt = parsed.type === "custody.receipt" ? waiting.shift() : undefined;
    if (receipt !== undefined) store.add({ entries: [], receipts: [receipt] });
    store.add({ entries: [{ ...row, parsed }] });
  }
  store.close();
  return dataDir;
}

function dump(dataDir: string): Record<string, unknown[]> {
  const db = new Database(join(dataDir, "ledger.db"), { readonly: true });
  const rows = (name: string) => db.prepare(`SELECT * FROM ${name} ORDER BY 1, 2`).all();
  const found = Object.fromEntries(REPORT_NAMES.map((name) => [name, rows(name)]));
  db.close();
  return found;
}

/** The tables as they are made anew from entries and receipts. */
function rebuilt(dataDir: string): Record<string, unknown[]> {
  const db = new Database(join(dataDir, "ledger.db"));
  db.pragma("user_version = 0");
  db.close();
  LedgerStore.open(dataDir).close();
  return dump(dataDir);
}

it("what was counted entry by entry is what a ledger is counted to anew", (t) => {
  const dataDir = storeAsItCame(t, workingWeek().maker.evidence());
  const counted = dump(dataDir);
  for (const name of REPORT_NAMES) assert.ok((counted[name] ?? []).length > 0, name);
  assert.deepEqual(rebuilt(dataDir), counted);
});

it("a recording is of the activity that it is linked to, until it is unlinked", (t) => {
  const { maker, second } = workingWeek();
  const link = (activity: string) =>
    maker.add({ type: "activity.link", activity, rec: second.rec, basis: "stated" });
  const activityOf = () =>
    (dump(storeAsItCame(t, maker.evidence())).recording_sums as { rec: string; activity: unknown }[]).find(
      ({ rec }) => rec === second.rec,
    )?.activity;
  link("a");
  link("b");
  assert.equal(activityOf(), "a");
  maker.add({ type: "activity.unlink", activity: "b", rec: second.rec, reason: "r" });
  assert.equal(activityOf(), "a");
  maker.add({ type: "activity.unlink", activity: "a", rec: second.rec, reason: "r" });
  assert.equal(activityOf(), null);
  for (const activity of ["c", "d", "e"]) link(activity);
  for (const activity of ["d", "c"])
    maker.add({ type: "activity.unlink", activity, rec: second.rec, reason: "r" });
  assert.equal(activityOf(), "e");
});

it("entries that break the rules of their type are stored all the same", (t) => {
  const maker = new LedgerMaker();
  const types = ["recording.start", "recording.stop", "device.gap", "activity.open", "activity.close"];
  const others = ["activity.link", "activity.unlink", "custody.purge", "dock.wipe"];
  const odd = [
    {},
    { rec: 7, activity: [], bytes: "x", seqs: [[1], "x"], reason: {}, officers: {}, missing: 3 },
  ];
  for (const type of [...types, ...others]) for (const fields of odd) maker.add({ type, ...fields });
  const rec = "11111111-2222-4333-8444-555555555555";
  for (const from_us of [-5, 2 ** 53 - 1])
    maker.add({ type: "device.gap", rec, reason: "muted", from_us, to_us: -1 });
  const dataDir = storeAsItCame(t, maker.evidence());
  assert.deepEqual(rebuilt(dataDir), dump(dataDir));
});

it("receipts in any order cover what all of them together cover, and each chunk waits for its first", (t) => {
  const chunks = 20;
  const range = fc
    .tuple(fc.nat({ max: chunks + 3 }), fc.integer({ min: 1, max: 8 }))
    .map(([from, length]): [number, number] => [from, Math.min(from + length, chunks + 3)]);
  const receipts = fc.array(fc.uniqueArray(range, { maxLength: 3, selector: ([from]) => from }), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(receipts, (lists) => {
      const { maker, covered, recording } = receipted(chunks, lists);
      const counted = dump(storeAsItCame(t, maker.evidence()));
      assert.deepEqual(
        (counted.receipted as { from_seq: number; to_seq: number }[]).map((row) => [
          row.from_seq,
          row.to_seq,
        ]),
        covered.toJSON(),
      );
      const pairs = JSON.parse(
        (counted.recording_sums as [{ delays: string | null }])[0].delays ?? "[]",
      ) as number[];
      const waited = pairs.filter((_, i) => i % 2 === 1).reduce((sum, count) => sum + count, 0);
      assert.equal(waited, recording.filter((seq) => covered.has(seq)).length);
    }),
    { numRuns: 12 },
  );
});

function receipted(chunks: number, lists: [number, number][][]) {
  const maker = new LedgerMaker();
  const rec = "11111111-2222-4333-8444-555555555555";
  const start = { rec, origin: "live", trigger: "b", pre_event_ms: 0, tracks: [] };
  maker.add({ type: "recording.start", ...start });
  const first = maker.size;
  for (let n = 0; n < chunks; n++)
    maker.add({ type: "recording.chunk", rec, n, ...maker.media(Buffer.from(`${n}`)) });
  const covered = new RangeSet();
  for (const list of lists) {
    const own = new RangeSet();
    for (const [from, to] of list) own.add(from, to);
    for (const [from, to] of own) covered.add(from, to);
    maker.receipt([...own].map(([from, to]): [number, number] => [from, to]));
  }
  return { maker, covered, recording: Array.from({ length: chunks }, (_, n) => first + n) };
}

it("the scale of delays has no holes, and holds what it is said to hold", () => {
  assert.deepEqual([delayStep(-5), delayStep(0), delayStep(999), delayStep(1000)], [0, 0, 0, 1]);
  for (let step = 0; step < 100; step++) {
    const { fromMs, toMs } = delayStepEdges(step);
    assert.equal(delayStepEdges(step + 1).fromMs, toMs);
    assert.equal(delayStep((fromMs + toMs) / 2), step);
  }
});

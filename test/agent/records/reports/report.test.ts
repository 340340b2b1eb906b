import assert from "node:assert/strict";
import { it } from "node:test";
import { recordingFacts } from "../../../../agent/records/activity/recording-facts.ts";
import { parsePeriod } from "../../../../agent/records/reports/period.ts";
import type { Figures, Slice } from "../../../../agent/records/reports/report-types.ts";
import { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { officeOfOneWeek, reportOf } from "../../../support/reports/office.ts";
import { FORMULA, MARKUP } from "../../../support/reports/working-week.ts";

const seconds = ({ recorded_ms: ms }: Figures) => ms / 1000;
const told = (slices: readonly Slice[]) =>
  slices.map(({ id, figures }) => [id, seconds(figures), figures.recordings, figures.activities.opened]);

it("every figure is the one that the entries say", async (t) => {
  const { dataDir, maker } = officeOfOneWeek(t);
  const { total, total_before: before, over_time: time, delays, ...report } = await reportOf(dataDir);
  // 60 s less 10 s without pictures, and 60 s; sound that is off has pictures
  assert.deepEqual([seconds(total), total.recordings, total.live, total.unfinished], [110, 2, 2, 0]);
  assert.deepEqual(total.gaps, [
    { cause: "frames-lost", count: 1, ms: 10_000 },
    { cause: "muted", count: 2, ms: 10_000 },
  ]);
  assert.deepEqual(total.activities, {
    opened: 3,
    ...{ closed_complete: 1, closed_incomplete: 1, closed_unjudged: 0 },
    ...{ open_complete: 0, open_incomplete: 1, open_unjudged: 0 },
  });
  assert.deepEqual([total.upload.chunks, total.upload.receipted], [62, 31]);
  const { median_ms: median, p95_ms: p95 } = total.upload;
  // chunks were signed evenly over the 60 s that ended 8 s before the receipt; steps are 19 % wide
  assert.ok(median !== undefined && Math.abs(median - 38_000) < 0.19 * 38_000, `${median}`);
  assert.ok(p95 !== undefined && Math.abs(p95 - 65_000) < 0.19 * 65_000, `${p95}`);
  assert.equal(
    delays.reduce((sum, { chunks }) => sum + chunks, 0),
    31,
  );
  assert.deepEqual(
    [total.purges?.count, total.purges?.files, total.wipes],
    [1, 31, { count: 1, bytes: 500 }],
  );
  assert.deepEqual([before.recordings, before.recorded_ms, before.activities.opened], [0, 0, 0]);
  // the second recording is half of Monday, half of Tuesday, and began on Monday
  assert.deepEqual(
    time.slots.map(({ from, figures }) => [from, seconds(figures), figures.recordings]),
    [
      ["2026-11-23", 80, 2],
      ["2026-11-24", 30, 0],
    ],
  );
  assert.deepEqual(told(report.units), [
    ["一中队", 50, 1, 2],
    ["二中队", 60, 1, 2],
  ]);
  assert.deepEqual(told(report.officers), [
    ["110042", 50, 1, 2],
    ["110051", 60, 1, 1],
    [MARKUP, 0, 0, 1],
  ]);
  assert.deepEqual(told(report.kinds), [
    [FORMULA, 0, 0, 1],
    ["inspection", 50, 1, 1],
    ["seizure", 0, 0, 1],
    [undefined, 60, 1, 0],
  ]);
  assert.deepEqual(report.ledgers.map(({ size }) => size).sort(), [2, maker.size]);
});

it("a report of one unit, officer or kind has what is theirs, and nothing that belongs to nobody", async (t) => {
  const { dataDir } = officeOfOneWeek(t);
  const of = async (only: object) => {
    const { total } = await reportOf(dataDir, { only });
    return [
      seconds(total),
      total.gaps.length,
      total.activities.opened,
      total.upload.receipted,
      total.purges?.count,
    ];
  };
  assert.deepEqual(await of({ unit: "一中队" }), [50, 2, 2, 31, 1]);
  assert.deepEqual(await of({ unit: "二中队" }), [60, 0, 2, 0, 0]);
  assert.deepEqual(await of({ officer: "110051" }), [60, 0, 1, 0, undefined]);
  assert.deepEqual(await of({ kind: "inspection" }), [50, 2, 1, 31, undefined]);
  assert.deepEqual(await of({ officer: "110042", kind: "seizure" }), [0, 0, 1, 0, undefined]);
});

it("what reaches over the edge of a period is cut there", async (t) => {
  const { dataDir } = officeOfOneWeek(t);
  const { total, total_before: before } = await reportOf(dataDir, {
    period: parsePeriod("2026-11-24..2026-11-24"),
  });
  assert.deepEqual([seconds(total), total.recordings], [30, 0]);
  assert.deepEqual([seconds(before), before.recordings], [80, 2]);
});

it("gaps in a report are the gaps that the recordings themselves tell", async (t) => {
  const { dataDir } = officeOfOneWeek(t);
  const reader = LedgerReader.open(`${dataDir}/devices/busy`);
  const found = new Set<string>();
  const covered = new Map<string, Set<number>>();
  for (const { rec } of reader.recordings.all()) {
    for (const { reason, fromUs, toUs } of recordingFacts(reader, rec)?.gaps ?? []) {
      found.add(reason);
      const ms = covered.get(reason) ?? new Set<number>();
      for (let at = fromUs / 1000; at < toUs / 1000; at++) ms.add(at);
      covered.set(reason, ms);
    }
  }
  reader.close();
  assert.equal(found.size, 2);
  const { total } = await reportOf(dataDir);
  assert.deepEqual(
    Object.fromEntries(total.gaps.map(({ cause, ms }) => [cause, ms])),
    Object.fromEntries([...covered].map(([cause, ms]) => [cause, ms.size])),
  );
});

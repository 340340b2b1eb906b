import assert from "node:assert/strict";
import { it, type TestContext } from "node:test";
import { readDraw } from "../../../../agent/records/inspections/inspection-record.ts";
import { LocalCalendar } from "../../../../agent/records/reports/calendar.ts";
import { parsePeriod } from "../../../../agent/records/reports/period.ts";
import { makeReport } from "../../../../agent/records/reports/report.ts";
import { Shift } from "../gaps/shift.ts";
import { HOUR, Office } from "../inspections/office.ts";

/** Of the day on which the test clock begins. */
async function reportOfTheDay(dataDir: string, period = "2026-11-23..2026-11-23") {
  return await makeReport({
    directories: [dataDir],
    period: parsePeriod(period),
    calendar: new LocalCalendar("UTC"),
    only: {},
    units: [],
    names: {},
    templates: { replaces: [] },
  });
}

const wearer = "110042";

function busyShift(t: TestContext): Shift {
  const shift = new Shift(t);
  shift.film({
    wearer,
    preEventMs: 4000,
    chunks: [
      [0, 4],
      [4, 9],
      [12, 20],
    ],
    gaps: [
      { reason: "frames-lost", fromS: 9, toS: 12 },
      { reason: "muted", fromS: 13, toS: 15 },
    ],
  });
  shift.idle(60);
  shift.film({
    wearer,
    chunks: [
      [0, 2],
      [7, 10],
    ],
    gaps: [{ reason: "camera-lost", fromS: 2, toS: 7 }],
  });
  shift.evidence.close("done");
  return shift;
}

it("time recorded and gaps by cause are what the gap account of the same day says", async (t) => {
  const shift = busyShift(t);
  const { total, period } = await reportOfTheDay(shift.device.dataDir);
  const fromMs = Date.parse(`${period.from}T00:00:00Z`);
  const account = shift.account({ wearer }, { fromMs, toMs: fromMs + 24 * HOUR });
  const lengths = new Map<string, number>();
  for (const { cause, fromMs: from, toMs: to } of account.intervals)
    if (cause.code === "gap")
      lengths.set(cause.reason ?? "", (lengths.get(cause.reason ?? "") ?? 0) + to - from);
  assert.deepEqual(
    Object.fromEntries(total.gaps.map(({ cause, ms }) => [cause, ms])),
    Object.fromEntries(lengths),
  );
  assert.deepEqual([...lengths.values()], [3000, 2000, 5000]);
  const { totals } = account;
  assert.equal(total.recorded_ms, totals.recorded + totals["pre-event"] + totals.muted);
  assert.equal(total.recorded_ms, 17_000 + 5_000);
});

it("inspections count for the period that was inspected, whenever somebody drew and judged", async (t) => {
  const office = new Office(t);
  const { fromMs, toMs } = office.month();
  // the period ends on the day, the draw and its findings are of the next
  office.device.clock.advance(24 * HOUR);
  office.evidence.append({ type: "device.heartbeat", free_bytes: 1, recording: false });
  office.cosign();
  const { draw } = await office.draw(fromMs, toMs);
  const [good = "", bad = "", again = ""] = readDraw(office.reader, draw).items.map(({ item }) => item);
  await office.result({ draw, item: good, finding: "in-order" });
  await office.result({ draw, item: bad, finding: "defect", defect: "muted" });
  const wrong = await office.result({ draw, item: again, finding: "defect", defect: "lost" });
  const corrects = (wrong as { seq: number }).seq;
  await office.result({ draw, item: again, finding: "in-order", corrects, text: "another file" });
  const found = { draws: 1, drawn: 10, in_order: 2, defects: 1, open: 7 };
  const { total, over_time: time } = await reportOfTheDay(office.device.dataDir, "2026-11-23..2026-11-24");
  assert.deepEqual(total.inspections, found);
  assert.deepEqual(
    time.slots.map(({ figures }) => figures.inspections?.draws),
    [1, 0],
  );
  const next = await reportOfTheDay(office.device.dataDir, "2026-11-24..2026-11-24");
  assert.deepEqual(next.total.inspections, { draws: 0, drawn: 0, in_order: 0, defects: 0, open: 0 });
  assert.deepEqual(next.total_before.inspections, found);
});

import assert from "node:assert/strict";
import { it } from "node:test";
import { LocalCalendar } from "../../../../agent/records/reports/calendar.ts";
import {
  lengthOf,
  parsePeriod,
  previousOf,
  slotsOf,
  spanOf,
  stepOf,
} from "../../../../agent/records/reports/period.ts";

const shanghai = new LocalCalendar("Asia/Shanghai");
const berlin = new LocalCalendar("Europe/Berlin");

it("a period is a month, an ISO week or days, and the one before is as long", () => {
  const told = (text: string) => {
    const period = parsePeriod(text);
    const previous = previousOf(period);
    return [period.from, period.to, lengthOf(period), previous.from, previous.to].join(" ");
  };
  assert.equal(told("2026-10"), "2026-10-01 2026-10-31 31 2026-09-01 2026-09-30");
  assert.equal(told("2028-02"), "2028-02-01 2028-02-29 29 2028-01-01 2028-01-31");
  assert.equal(told("2026-W40"), "2026-09-28 2026-10-04 7 2026-09-21 2026-09-27");
  // 2020 has 53 weeks, and its first begins in 2019
  assert.equal(told("2020-W53"), "2020-12-28 2021-01-03 7 2020-12-21 2020-12-27");
  assert.equal(told("2020-W01"), "2019-12-30 2020-01-05 7 2019-12-23 2019-12-29");
  assert.equal(told("2026-10-05..2026-10-14"), "2026-10-05 2026-10-14 10 2026-09-25 2026-10-04");
});

it("what is no period is refused", () => {
  const wrong = ["", "2026", "2026-13", "2026-W00", "2026-W54", "2021-W53", "2026-02-30..2026-03-01"];
  for (const text of [...wrong, "2026-10-02..2026-10-01", "2020-01-01..2026-01-01", "a..b", "2026-1"])
    assert.throws(() => parsePeriod(text), { code: "bad-period" }, text);
  assert.throws(() => new LocalCalendar("Asia/Nowhere"), { code: "bad-zone" });
});

it("days begin at local midnight, also where the clock is shifted", () => {
  assert.equal(shanghai.startOf("2026-10-01"), Date.parse("2026-09-30T16:00:00Z"));
  const hours = (date: string) => {
    const { fromMs, toMs } = spanOf({ from: date, to: date }, berlin);
    return (toMs - fromMs) / 3_600_000;
  };
  assert.deepEqual(["2026-03-28", "2026-03-29", "2026-10-25", "2026-10-26"].map(hours), [24, 23, 25, 24]);
});

it("a course over time leaves no hole, whatever its step", () => {
  for (const [text, step, first] of [
    ["2026-10", "day", "2026-10-01 2026-10-01"],
    ["2026-06-03..2026-10-31", "week", "2026-06-03 2026-06-07"],
    ["2025-01-15..2026-12-31", "month", "2025-01-15 2025-01-31"],
  ] as const) {
    const period = parsePeriod(text);
    assert.equal(stepOf(period), step);
    const slots = slotsOf(period, step, berlin);
    const { fromMs, toMs } = spanOf(period, berlin);
    assert.equal(`${slots[0]?.from} ${slots[0]?.to}`, first);
    assert.deepEqual([slots[0]?.fromMs, slots.at(-1)?.toMs, slots.at(-1)?.to], [fromMs, toMs, period.to]);
    for (const [i, slot] of slots.entries()) if (i > 0) assert.equal(slot.fromMs, slots[i - 1]?.toMs);
  }
});

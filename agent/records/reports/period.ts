import { AgentError } from "../../../config/base/errors.ts";
import type { TimeSpan } from "../../../crypto/ledger/db/tables/report/report-index.ts";
import { dateOf, daysBetween, type LocalCalendar, laterDate, weekday } from "./calendar.ts";

/** Local calendar days, both ends included. */
export interface Period {
  from: string;
  to: string;
}

/** One step of a course over time: a day, a week or a month, cut to the period. */
export interface Slot extends Period, TimeSpan {}

export type Step = "day" | "week" | "month";

const MAX_DAYS = 3 * 366;
const MAX_BY_DAY = 62;
const MAX_BY_WEEK = 400;

/** `2026-10`, `2026-W40` (ISO 8601) or `2026-10-01..2026-10-15`. Throws `bad-period`. */
export function parsePeriod(text: string): Period {
  const month = /^(\d{4})-(\d{2})$/.exec(text);
  if (month !== null) return monthOf(dateOf(`${text}-01`));
  const week = /^(\d{4})-W(\d{2})$/.exec(text);
  if (week !== null) return weekOf(Number(week[1]), Number(week[2]), text);
  const [from, to, ...more] = text.split("..");
  if (from === undefined || to === undefined || more.length > 0) throw new AgentError("bad-period", text);
  const period = { from: dateOf(from), to: dateOf(to) };
  const days = lengthOf(period);
  if (days < 1 || days > MAX_DAYS) throw new AgentError("bad-period", text);
  return period;
}

/** The one before: a whole month's is the whole month before, any other's as many days. */
export function previousOf(period: Period): Period {
  const before = laterDate(period.from, -1);
  const month = monthOf(period.from);
  if (month.from === period.from && month.to === period.to) return monthOf(before);
  return { from: laterDate(period.from, -lengthOf(period)), to: before };
}

export function lengthOf({ from, to }: Period): number {
  return daysBetween(from, to) + 1;
}

export function spanOf({ from, to }: Period, calendar: LocalCalendar): TimeSpan {
  return { fromMs: calendar.startOf(from), toMs: calendar.startOf(laterDate(to, 1)) };
}

/** How fine a course over the period is. */
export function stepOf(period: Period): Step {
  const days = lengthOf(period);
  if (days <= MAX_BY_DAY) return "day";
  return days <= MAX_BY_WEEK ? "week" : "month";
}

/** The period's days, weeks (from Monday) or months, in order. */
export function slotsOf(period: Period, step: Step, calendar: LocalCalendar): Slot[] {
  const slots: Slot[] = [];
  for (let from = period.from; from <= period.to; ) {
    let to = endOf(from, step);
    if (to > period.to) to = period.to;
    const slot = { from, to };
    slots.push({ ...slot, ...spanOf(slot, calendar) });
    from = laterDate(slot.to, 1);
  }
  return slots;
}

function endOf(from: string, step: Step): string {
  switch (step) {
    case "day":
      return from;
    case "week":
      return laterDate(from, 6 - weekday(from));
    case "month":
      return monthOf(from).to;
  }
}

function monthOf(date: string): Period {
  const from = `${date.slice(0, 7)}-01`;
  // no month has more than 31 days, and 28 of the next one are safe
  const next = `${laterDate(from, 31).slice(0, 7)}-01`;
  return { from, to: laterDate(next, -1) };
}

/** Week 1 is the one with January 4th. */
function weekOf(year: number, week: number, text: string): Period {
  const fourth = dateOf(`${String(year).padStart(4, "0")}-01-04`);
  const from = laterDate(fourth, (week - 1) * 7 - weekday(fourth));
  const thursday = laterDate(from, 3);
  if (week < 1 || Number(thursday.slice(0, 4)) !== year) throw new AgentError("bad-period", text);
  return { from, to: laterDate(from, 6) };
}

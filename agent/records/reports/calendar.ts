import { AgentError } from "../../../config/base/errors.ts";

const DAY_MS = 86_400_000;

/** A date as `2026-10-01`. Throws `bad-period` where there is no such day. */
export function dateOf(text: string): string {
  const ms = Date.parse(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(ms) || dateAt(ms) !== text)
    throw new AgentError("bad-period", text);
  return text;
}

/** The date `days` after another. */
export function laterDate(date: string, days: number): string {
  return dateAt(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS);
}

/** How many days lie between two dates. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}

/** Monday is 0. */
export function weekday(date: string): number {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
}

function dateAt(utcMs: number): string {
  return new Date(utcMs).toISOString().slice(0, 10);
}

/** Local calendar days of one time zone, such as `Asia/Shanghai`. */
export class LocalCalendar {
  readonly zone: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #starts = new Map<string, number>();

  /** Throws `bad-zone`. */
  constructor(zone: string) {
    try {
      this.#format = new Intl.DateTimeFormat("en-US", {
        timeZone: zone,
        hourCycle: "h23",
        ...{ year: "numeric", month: "2-digit", day: "2-digit" },
        ...{ hour: "2-digit", minute: "2-digit", second: "2-digit" },
      });
    } catch (cause) {
      throw new AgentError("bad-zone", zone, { cause });
    }
    this.zone = zone;
  }

  /** When a day begins, ms since 1970 UTC. A zone may shift its clock: it is asked for every day. */
  startOf(date: string): number {
    const known = this.#starts.get(date);
    if (known !== undefined) return known;
    const asUtc = Date.parse(`${date}T00:00:00Z`);
    const guess = asUtc - this.#offsetMs(asUtc);
    // the offset at the guess is the one that counts, also where the clock was shifted in between
    const start = asUtc - this.#offsetMs(guess);
    this.#starts.set(date, start);
    return start;
  }

  #offsetMs(utcMs: number): number {
    const parts = new Map(this.#format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]));
    const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
    const local = Date.UTC(
      ...[part("year"), part("month") - 1, part("day")],
      ...[part("hour"), part("minute"), part("second")],
    );
    return local - Math.floor(utcMs / 1000) * 1000;
  }
}

/** The zone that this machine is set to. */
export function machineZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

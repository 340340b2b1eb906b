import type { Preference } from "../outbox/wanted.ts";
import { NO_ORDERS, type PolicyState, type Spell } from "./policy-file.ts";
import { minutesUntilOpen, type NetworkRule, type Route, ruleFor, within } from "./rules.ts";

/** Why media, or with `paused` everything, waits though there is a connection. */
export type HeldReason = "paused" | "network" | "hours" | "daily-volume";

export interface Moment {
  /** Monotonic. */
  monoMs: number;
  utcMs: number;
  /** Local day, `2026-01-02`, and minute of it. */
  day: string;
  minute: number;
}

/** What may leave now. */
export interface Permit {
  entries: boolean;
  /** So many bytes of media in one part; 0: none. */
  mediaBytes: number;
  /** Null while media may go, or only waits for its rate. */
  held: HeldReason | null;
  /** When to ask again though nothing happened (monotonic); null: no need. */
  againMs: number | null;
}

export interface PolicyView {
  network: string;
  media: NetworkRule["media"];
  held: HeldReason | null;
  pausedUntilMs: number | null;
  nowUntilMs: number | null;
  rateBytesS: number;
  dailyBytes: number;
  /** Media bytes charged to this network today. */
  sentToday: number;
}

/** Charged in advance, so that a crash forgets nothing of what was sent. */
const CHARGE_BYTES = 8 * 2 ** 20;
const MAX_FIRST = 16;
const DAYS_KEPT = 3;
/** At a limited rate a part takes at most so long, and at least so many bytes. */
const PART_S = 2;
const LEAST_PART_BYTES = 16 * 1024;
const MINUTE_MS = 60_000;
export const MAX_PAUSE_MINUTES = 1_440;

/**
 * What may be sent when, over which network. It only ever delays: nothing is dropped, entries go whatever the
 * network, and every pause ends by itself. Without clock or disk: told the time, and saved by `save`.
 */
export class UploadPolicy {
  readonly #rules: readonly NetworkRule[];
  readonly #order: readonly Preference[];
  readonly #save: (state: PolicyState) => void;
  #state: PolicyState;
  #rule: NetworkRule;
  /** Charged on disk and not yet sent. */
  #credit = 0;
  #creditFor = "";
  /** Before this no media goes, or the rate would be exceeded (monotonic). */
  #rateFreeMs = Number.NEGATIVE_INFINITY;
  /** Monotonic ends of the orders given in this run: a wall clock that is set back prolongs none. */
  readonly #ends: { pause: number; now: number } = {
    pause: Number.POSITIVE_INFINITY,
    now: Number.POSITIVE_INFINITY,
  };

  constructor(
    rules: readonly NetworkRule[],
    order: readonly Preference[],
    state: PolicyState = NO_ORDERS,
    save: (state: PolicyState) => void = () => {},
  ) {
    this.#rules = rules;
    this.#order = order;
    this.#state = structuredClone(state);
    this.#save = save;
    this.#rule = ruleFor(rules, null);
  }

  /** Answers whether another rule holds from now on. */
  routeIs(route: Route | null): boolean {
    const rule = ruleFor(this.#rules, route);
    if (rule === this.#rule) return false;
    this.#rule = rule;
    this.#rateFreeMs = Number.NEGATIVE_INFINITY;
    return true;
  }

  /** Nothing goes for so long; answers until when by the wall clock. */
  pause(minutes: number, { utcMs, monoMs }: Moment): number {
    const lastsMs = Math.min(minutes, MAX_PAUSE_MINUTES) * MINUTE_MS;
    this.#ends.pause = monoMs + lastsMs;
    this.#change({ pause: { fromMs: utcMs, untilMs: utcMs + lastsMs }, now: null });
    return utcMs + lastsMs;
  }

  /** The rules hold again as they stand: ends a pause, and `now` too. */
  resume(): void {
    this.#change({ pause: null, now: null });
  }

  /** Everything goes for so long, whatever the rules say; ends a pause. Answers until when. */
  now(minutes: number, { utcMs, monoMs }: Moment): number {
    const lastsMs = Math.min(minutes, MAX_PAUSE_MINUTES) * MINUTE_MS;
    this.#ends.now = monoMs + lastsMs;
    this.#change({ pause: null, now: { fromMs: utcMs, untilMs: utcMs + lastsMs } });
    return utcMs + lastsMs;
  }

  /** Moves a recording to the front; the last ordered goes first. */
  first(rec: string): void {
    const others = this.#state.first.filter((other) => other !== rec);
    this.#change({ first: [rec, ...others].slice(0, MAX_FIRST) });
  }

  get firsts(): readonly string[] {
    return this.#state.first;
  }

  /** What goes in which order over the present network. */
  orderAt(at: Moment): { first: readonly string[]; order: readonly Preference[] } {
    if (this.#isNow(at)) return { first: this.#state.first, order: this.#order };
    const { media } = this.#rule;
    return { first: media === "none" ? [] : this.#state.first, order: within(media, this.#order) };
  }

  /** False where some media may not go over this network at all, however long it waits. */
  letsAllThrough(at: Moment): boolean {
    return this.#isNow(at) || this.#rule.media === "all";
  }

  permit(at: Moment): Permit {
    const { pause } = this.#state;
    if (pause !== null && this.#holds(pause, this.#ends.pause, at)) {
      const againMs = Math.min(at.monoMs + pause.untilMs - at.utcMs, this.#ends.pause);
      return { entries: false, mediaBytes: 0, held: "paused", againMs };
    }
    const free: Permit = {
      entries: true,
      mediaBytes: Number.MAX_SAFE_INTEGER,
      held: null,
      againMs: null,
    };
    return this.#isNow(at) ? free : this.#byRule(free, at);
  }

  /** A part is about to be sent. Charged durably before it goes. */
  sending(bytes: number, at: Moment): void {
    const { rateBytesS, name } = this.#rule;
    if (rateBytesS > 0) {
      const from = Math.max(this.#rateFreeMs, at.monoMs);
      this.#rateFreeMs = from + (bytes * 1000) / rateBytesS;
    }
    if (this.#rule.dailyBytes === 0) return;
    this.#useCreditOf(`${at.day} ${name}`);
    if (this.#credit < bytes) this.#charge(bytes - this.#credit + CHARGE_BYTES, at.day);
    this.#credit -= bytes;
  }

  /** An orderly end: what was charged and not sent is given back. */
  close(): void {
    this.#useCreditOf("");
  }

  view(at: Moment): PolicyView {
    const { pause, now } = this.#state;
    const isPaused = pause !== null && this.#holds(pause, this.#ends.pause, at);
    return {
      network: this.#rule.name,
      media: this.#rule.media,
      held: this.permit(at).held,
      pausedUntilMs: isPaused ? pause.untilMs : null,
      nowUntilMs: now !== null && this.#isNow(at) ? now.untilMs : null,
      rateBytesS: this.#rule.rateBytesS,
      dailyBytes: this.#rule.dailyBytes,
      sentToday: this.#sentOn(at.day),
    };
  }

  #byRule(free: Permit, at: Moment): Permit {
    const { media, hours, dailyBytes, rateBytesS } = this.#rule;
    const held = (reason: HeldReason, againMs: number | null): Permit => ({
      ...free,
      mediaBytes: 0,
      held: reason,
      againMs,
    });
    if (media === "none") return held("network", null);
    const closedMinutes = minutesUntilOpen(hours, at.minute);
    // asked again each minute: the clock, or its zone, may be set meanwhile
    if (closedMinutes > 0) return held("hours", at.monoMs + MINUTE_MS);
    const left = dailyBytes === 0 ? free.mediaBytes : dailyBytes - this.#sentOn(at.day);
    if (left <= 0) return held("daily-volume", at.monoMs + MINUTE_MS);
    if (rateBytesS === 0) return { ...free, mediaBytes: left };
    if (this.#rateFreeMs > at.monoMs) return { ...free, mediaBytes: 0, againMs: this.#rateFreeMs };
    return { ...free, mediaBytes: Math.min(left, Math.max(rateBytesS * PART_S, LEAST_PART_BYTES)) };
  }

  #isNow(at: Moment): boolean {
    const { now } = this.#state;
    return now !== null && this.#holds(now, this.#ends.now, at);
  }

  /** Over too where the wall clock stands before its beginning: then it was set back, and nobody knows for how long. */
  #holds({ fromMs, untilMs }: Spell, endMonoMs: number, { utcMs, monoMs }: Moment): boolean {
    return utcMs >= fromMs && utcMs < untilMs && monoMs < endMonoMs;
  }

  /** Bytes sent over this network on a day, as far as they were counted. */
  #sentOn(day: string): number {
    const charged = this.#state.days[day]?.[this.#rule.name] ?? 0;
    return charged - (this.#creditFor === `${day} ${this.#rule.name}` ? this.#credit : 0);
  }

  /** Credit is of one day and one network: what is left of another's is given back. */
  #useCreditOf(owner: string): void {
    if (owner === this.#creditFor) return;
    const [day = "", ...words] = this.#creditFor.split(" ");
    const name = words.join(" ");
    const charged = this.#state.days[day]?.[name];
    if (charged !== undefined && this.#credit > 0) this.#setCharged(day, name, charged - this.#credit);
    this.#credit = 0;
    this.#creditFor = owner;
  }

  #charge(bytes: number, day: string): void {
    const { name } = this.#rule;
    this.#setCharged(day, name, (this.#state.days[day]?.[name] ?? 0) + bytes);
    this.#credit += bytes;
  }

  #setCharged(day: string, name: string, bytes: number): void {
    const days = { ...this.#state.days, [day]: { ...this.#state.days[day], [name]: bytes } };
    const kept = Object.entries(days).sort().slice(-DAYS_KEPT);
    this.#change({ days: Object.fromEntries(kept) });
  }

  #change(changes: Partial<PolicyState>): void {
    this.#state = { ...this.#state, ...changes };
    this.#save(this.#state);
  }
}

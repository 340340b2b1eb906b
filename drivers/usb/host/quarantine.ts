import type { Clock } from "../../../config/base/clock.ts";

/** How ports are treated whose devices may have ended the USB process. */
export interface QuarantineLimits {
  /** Who is let in on trial is the only one for so long; twice as long each time that nobody was found. */
  trialMs: number;
  longestTrialMs: number;
  /** Ends that follow each other within this count together. */
  windowMs: number;
  /** With so many of them a port is left alone. */
  ends: number;
  /** For so long at first; twice as long each time after. */
  firstMs: number;
  longestMs: number;
}

export const QUARANTINE_LIMITS: QuarantineLimits = {
  trialMs: 5_000,
  longestTrialMs: 5 * 60_000,
  windowMs: 10 * 60_000,
  ends: 3,
  firstMs: 5 * 60_000,
  longestMs: 4 * 3_600_000,
};

/** Why a port is left alone, and for how long yet. */
export interface Sentence {
  /** How often what is in it ended the process, lately. */
  ends: number;
  leftMs: number;
}

/** A port whose device has ended the process. */
interface Culprit {
  ends: number;
  /** How often it was left alone. */
  times: number;
  /** Not let in before; monotonic. */
  notBeforeUs: number;
  isQuarantined: boolean;
}

/**
 * Finds out whose device ends the USB process, and leaves its port alone. The only one that was spoken with did it.
 * Were it several, and again several, they are let in on trial, one after the other, while everybody else goes on;
 * who is on trial at the next end did it, and the others are suspected no longer. It is the port that is left
 * alone: what can end the process can also claim to be another device each time.
 */
export class Quarantine {
  readonly #clock: Clock;
  readonly #limits: QuarantineLimits;
  /** By port. */
  readonly #culprits = new Map<string, Culprit>();
  /** Ports that wait to be let in, who is tried first first. */
  #held: string[] = [];
  /** The port on trial. */
  #trial: string | null = null;
  /** Ends in a row that nobody was found for, and when the last of them was. */
  #unsolved = { ends: 0, atUs: 0 };

  constructor(clock: Clock, limits: QuarantineLimits = QUARANTINE_LIMITS) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /**
   * The process has ended while these ports were spoken with; they are tried in this order. Answers whose device
   * did it; null: that is not known.
   */
  ended(spokenWith: readonly string[]): string | null {
    const found = this.#trial ?? (spokenWith.length === 1 ? spokenWith[0] : undefined);
    this.#trial = null;
    const known = this.#held.filter((port) => this.#culprits.has(port));
    if (found === undefined) {
      const isAgain = this.#unsolved.ends > 0 && this.#isWithin(this.#unsolved.atUs);
      this.#unsolved = { ends: isAgain ? this.#unsolved.ends + 1 : 1, atUs: this.#clock.monoUs() };
      this.#held = isAgain ? [...new Set([...spokenWith, ...known])] : known;
      return null;
    }
    this.#convict(found);
    this.#held = [...known.filter((port) => port !== found), found];
    this.#unsolved.ends = 0;
    return found;
  }

  /** Ports that the next process is to leave alone until they are let in. */
  held(): string[] {
    return [...this.#held];
  }

  /** The port to let in next, and in how long; null: none is held. */
  next(): { port: string; inMs: number } | null {
    const waits = this.#held.map((port) => ({ port, inMs: this.#leftMs(port) }));
    return waits.sort((a, b) => a.inMs - b.inMs)[0] ?? null;
  }

  /** It is spoken with from now on, on trial: answers for how long nobody else is to be let in. */
  letIn(port: string): number {
    const { trialMs, longestTrialMs } = this.#limits;
    this.#held = this.#held.filter((one) => one !== port);
    this.#trial = port;
    const culprit = this.#culprits.get(port);
    if (culprit !== undefined) culprit.isQuarantined = false;
    return Math.min(longestTrialMs, trialMs * 2 ** Math.max(0, this.#unsolved.ends - 2));
  }

  /** The trial is over, and the process answers. */
  acquit(): void {
    this.#trial = null;
  }

  /** Null: the port is not in quarantine. */
  sentenceOf(port: string): Sentence | null {
    const culprit = this.#culprits.get(port);
    if (culprit?.isQuarantined !== true) return null;
    return { ends: culprit.ends, leftMs: this.#leftMs(port) };
  }

  #leftMs(port: string): number {
    const notBeforeUs = this.#culprits.get(port)?.notBeforeUs ?? 0;
    return Math.max(0, Math.ceil((notBeforeUs - this.#clock.monoUs()) / 1000));
  }

  #convict(port: string): void {
    const { trialMs, ends: enough, firstMs, longestMs } = this.#limits;
    for (const [other, { notBeforeUs }] of this.#culprits) {
      // who was good for so long after it was let in begins anew
      if (!this.#isWithin(notBeforeUs)) this.#culprits.delete(other);
    }
    const before = this.#culprits.get(port) ?? { ends: 0, times: 0 };
    const ends = before.ends + 1;
    const isQuarantined = before.times > 0 || ends >= enough;
    const waitMs = isQuarantined ? firstMs * 2 ** before.times : trialMs * 2 ** before.ends;
    this.#culprits.set(port, {
      ends,
      times: before.times + (isQuarantined ? 1 : 0),
      notBeforeUs: this.#clock.monoUs() + Math.min(longestMs, waitMs) * 1000,
      isQuarantined,
    });
  }

  #isWithin(us: number): boolean {
    return this.#clock.monoUs() - us <= this.#limits.windowMs * 1000;
  }
}

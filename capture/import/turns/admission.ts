import { AgentError } from "../../../config/base/errors.ts";
import type { Preferences, Preferred } from "./preferences.ts";

interface Waiter {
  who: Preferred;
  enter: () => void;
  refuse: (error: unknown) => void;
}

/** A preferred file does not wait for a place until so many others were let in beyond the limit. */
const EXTRA_PLACES = 4;
/** Files that wait to be opened; whoever asks for more is told to come later. */
const MAX_WAITING = 1024;

/** Bounds how many files are open at once, and chooses who comes next: the preferred, then whoever has fewest open. */
export class Admission {
  readonly #places: number;
  readonly #preferences: Preferences;
  readonly #inside = new Map<string, number>();
  #taken = 0;
  #waiting: Waiter[] = [];

  constructor(places: number, preferences: Preferences) {
    this.#places = places;
    this.#preferences = preferences;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves when there is a place. Rejects with the signal's reason, `import-queue-full`, or what `refuse` was given. */
  async enter(who: Preferred, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#waiting.length >= MAX_WAITING) throw new AgentError("import-queue-full", who.serial);
    let abort = () => {};
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = { who, enter: resolve, refuse: reject };
      abort = () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
        reject(signal.reason);
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#waiting.push(waiter);
      this.letIn();
    }).finally(() => signal.removeEventListener("abort", abort));
  }

  leave({ serial }: Preferred): void {
    const left = (this.#inside.get(serial) ?? 0) - 1;
    if (left > 0) this.#inside.set(serial, left);
    else this.#inside.delete(serial);
    this.#taken--;
    this.letIn();
  }

  /** To be called when preferences have changed. */
  letIn(): void {
    for (;;) {
      const next = this.#next();
      if (next === null) return;
      this.#waiting = this.#waiting.filter((other) => other !== next);
      this.#taken++;
      const { serial } = next.who;
      this.#inside.set(serial, (this.#inside.get(serial) ?? 0) + 1);
      next.enter();
    }
  }

  /** Sends away those of one recorder who wait, or all. */
  refuse(error: unknown, serial?: string): void {
    const refused = this.#waiting.filter(({ who }) => serial === undefined || who.serial === serial);
    this.#waiting = this.#waiting.filter((waiter) => !refused.includes(waiter));
    for (const waiter of refused) waiter.refuse(error);
  }

  #next(): Waiter | null {
    const places = this.#preferences.isEmpty ? this.#places : this.#places + EXTRA_PLACES;
    if (this.#waiting.length === 0 || this.#taken >= places) return null;
    const key = ({ who }: Waiter): [number, number] => [
      -this.#preferences.rank(who),
      this.#inside.get(who.serial) ?? 0,
    ];
    const first = this.#waiting.reduce((best, waiter) => {
      const [rank, inside] = key(waiter);
      const [bestRank, bestInside] = key(best);
      return rank < bestRank || (rank === bestRank && inside < bestInside) ? waiter : best;
    });
    return this.#taken < this.#places || this.#preferences.rank(first.who) > 0 ? first : null;
  }
}

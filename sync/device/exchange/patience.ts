import type { EntriesInFlight, PartInFlight } from "../outbox/window.ts";
import { ANSWER_TIMEOUT_MS } from "./asking.ts";

/** With no credit, the receiver itself says when it has some again. */
const NO_CREDIT_ASK_MS = 60_000;

/** When what happened last, and so what has been waited for too long. Times are monotonic, ms. */
export class Patience {
  #askedMs = Number.NEGATIVE_INFINITY;
  #movedMs = 0;
  #heardMs = 0;
  #oldest: PartInFlight | EntriesInFlight | null = null;
  /** Since when the oldest message in flight is the oldest. */
  #oldestSinceMs = 0;
  #awaitsHave = false;

  /** When hello was said last. */
  get askedMs(): number {
    return this.#askedMs;
  }

  /** True while media waits for the next `have`. */
  get awaitsHave(): boolean {
    return this.#awaitsHave;
  }

  /** Hello is said now. */
  asked(nowMs: number): void {
    this.#askedMs = nowMs;
  }

  /** Something came that was new, or something is sent after a silence. */
  moved(nowMs: number): void {
    this.#movedMs = nowMs;
  }

  /** The receiver has told what it holds. */
  heard(nowMs: number): void {
    this.#heardMs = nowMs;
    this.#awaitsHave = false;
  }

  /** Media is to wait until the receiver tells what it holds. */
  awaitHave(): void {
    this.#awaitsHave = true;
  }

  /** Looks at the oldest message in flight; null: there is none. */
  notice(oldest: PartInFlight | EntriesInFlight | null, nowMs: number): void {
    if (oldest === this.#oldest) return;
    this.#oldest = oldest;
    this.#oldestSinceMs = nowMs;
  }

  /**
   * When the oldest message in flight has waited too long; null: nothing is in flight. What was sent before it may
   * have been on its way still; an answer to what was sent after it is no reason to wait longer.
   */
  get unansweredMs(): number | null {
    return this.#oldest === null ? null : this.#oldestSinceMs + ANSWER_TIMEOUT_MS;
  }

  /** When a `have` that media waits for is overdue; null: none is waited for. */
  get haveMissingMs(): number | null {
    return this.#awaitsHave ? this.#movedMs + ANSWER_TIMEOUT_MS : null;
  }

  /** When a receiver that gives this much credit, and says nothing more, has been silent for too long. */
  silentMs(credit: number): number {
    return this.#heardMs + (credit <= 0 ? NO_CREDIT_ASK_MS : ANSWER_TIMEOUT_MS);
  }
}

import { backoff } from "../../../config/base/backoff.ts";
import type { Random } from "../../../config/base/random.ts";

export const ANSWER_TIMEOUT_MS = 10_000;
const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 60_000;
/** Older questions without an answer are forgotten; their answers then count as any `have`. */
const MAX_OUTSTANDING = 8;

/**
 * When to say hello. The first goes at once; each further one that brings nothing new makes
 * the next wait longer, until something moves again.
 */
export class Asking {
  readonly #random: Random;
  #outstanding: string[] = [];
  #waits: Generator<number, never, void>;
  #isDue = false;
  #lastMs = 0;
  #waitMs = FIRST_WAIT_MS;

  constructor(random: Random) {
    this.#random = random;
    this.#waits = backoff(FIRST_WAIT_MS, MAX_WAIT_MS, random);
  }

  /** True from a hello to its answer. */
  get isWaiting(): boolean {
    return this.#outstanding.length > 0;
  }

  /** A new connection: what was asked on the old one is never answered. */
  restart(): void {
    this.#outstanding = [];
    this.#isDue = true;
    this.progressed();
  }

  /** Something new came from the receiver: it is there, and asking is worth while. */
  progressed(): void {
    this.#waits = backoff(FIRST_WAIT_MS, MAX_WAIT_MS, this.#random);
    this.#waitMs = FIRST_WAIT_MS;
  }

  /** The earliest time for a hello, where `neededMs` is when a missing answer calls for one (null: never). */
  dueMs(neededMs: number | null): number | null {
    if (this.#isDue) return this.#lastMs;
    if (this.isWaiting) return this.#lastMs + ANSWER_TIMEOUT_MS + this.#waitMs;
    return neededMs === null ? null : Math.max(neededMs, this.#lastMs + this.#waitMs);
  }

  /** A hello leaves now; returns its nonce. */
  ask(nowMs: number): string {
    const nonce = this.#random.bytes(12).toString("hex");
    this.#outstanding = [...this.#outstanding, nonce].slice(-MAX_OUTSTANDING);
    this.#isDue = false;
    this.#waitMs = this.#waits.next().value;
    this.#lastMs = nowMs;
    return nonce;
  }

  /** True if `nonce` answers a hello of this connection that had no answer yet; none before it will get one. */
  answers(nonce: string): boolean {
    const index = this.#outstanding.indexOf(nonce);
    if (index >= 0) this.#outstanding = this.#outstanding.slice(index + 1);
    return index >= 0;
  }

  /** The receiver refused the hello: it was heard, and there is no answer to wait for. */
  refused(): void {
    this.#outstanding = [];
  }
}

import type { SignatureCheck } from "../../../proof/chain-checker.ts";
import type { Findings, Problem } from "../../../proof/verdict.ts";

/** Enough to keep every thread of the pool busy while this one reads the next entries. */
const MAX_PENDING = 128;

/**
 * Verifies signatures and reports those that fail: at once on this thread, or in Node's thread pool,
 * which costs no memory to speak of where threads with a heap each would cost 10 MiB apiece.
 */
export class SignatureQueue {
  readonly #findings: Findings;
  readonly #inPool: boolean;
  #count = 0;
  #pending = 0;
  #failure: unknown = null;
  /** Runs once no more than `#wakeAt` are pending. */
  #wake: (() => void) | null = null;
  #wakeAt = 0;

  constructor(workers: number, findings: Findings) {
    this.#inPool = workers > 1;
    this.#findings = findings;
  }

  /** How many signatures were handed in. */
  get count(): number {
    return this.#count;
  }

  add({ key, message, signature }: SignatureCheck, blame: Problem): void {
    this.#count++;
    if (!this.#inPool) {
      if (!key.verify(message, signature)) this.#findings.add(blame);
      return;
    }
    this.#pending++;
    key.verifyInPool(message, signature).then(
      (isValid) => this.#done(isValid ? null : blame),
      (error: unknown) => {
        this.#failure ??= error;
        this.#done(null);
      },
    );
  }

  /** Resolves once more may be added. */
  async room(): Promise<void> {
    if (this.#pending > MAX_PENDING) await this.#until(MAX_PENDING / 2);
  }

  /** Resolves once every signature is verified and every failure reported. */
  async finish(): Promise<void> {
    if (this.#pending > 0) await this.#until(0);
  }

  async #until(pending: number): Promise<void> {
    this.#wakeAt = pending;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (this.#failure !== null) throw this.#failure;
  }

  #done(blame: Problem | null): void {
    this.#pending--;
    if (blame !== null) this.#findings.add(blame);
    if (this.#pending > this.#wakeAt) return;
    this.#wake?.();
    this.#wake = null;
  }
}

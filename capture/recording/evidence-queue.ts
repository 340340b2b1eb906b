import { errorCode } from "../../config/base/errors.ts";

/**
 * Hands work to the evidence writer one at a time and in order, so that a refused chunk is known
 * before the next one is offered. Counts the bytes that wait; the caller bounds them.
 */
export class EvidenceQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #heldBytes = 0;
  #tryAgain: (() => void) | null = null;

  /** Media bytes that were handed over and are not yet durable. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Runs `task` when all before it have settled; their failures are their own callers' affair. */
  add<T>(bytes: number, task: () => Promise<T>): Promise<T> {
    this.#heldBytes += bytes;
    const done = this.#tail.then(task, task).finally(() => {
      this.#heldBytes -= bytes;
    });
    this.#tail = done.catch(() => undefined);
    return done;
  }

  /**
   * For tasks whose entry must not be missing: what a full disk refuses waits for room, and so does
   * everything that was added after it.
   */
  async untilTaken<T>(write: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        if (errorCode(error) !== "disk-full") throw error;
      }
      await new Promise<void>((resolve) => {
        this.#tryAgain = resolve;
      });
    }
  }

  /** True while an entry waits for room. */
  get waitsForRoom(): boolean {
    return this.#tryAgain !== null;
  }

  /** There may be room again for what waits for it. */
  retry(): void {
    this.#tryAgain?.();
    this.#tryAgain = null;
  }

  /** Resolves when everything that has been added so far is settled. */
  async idle(): Promise<void> {
    await this.#tail;
  }
}

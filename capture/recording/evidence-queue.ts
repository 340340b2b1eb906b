/**
 * Hands work to the evidence writer one at a time and in order, so that a refused chunk is known
 * before the next one is offered. Counts the bytes that wait; the caller bounds them.
 */
export class EvidenceQueue {
  #tail: Promise<unknown> = Promise.resolve();
  #heldBytes = 0;

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

  /** Resolves when everything that has been added so far is settled. */
  async idle(): Promise<void> {
    await this.#tail;
  }
}

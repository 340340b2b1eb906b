/** One at a time, in the order of asking. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Waits for its turn; who gets it calls `done` at the end. Throws the signal's reason, and then has no turn. */
  async take(signal: AbortSignal): Promise<() => void> {
    const before = this.#last;
    let done = (): void => {};
    this.#last = new Promise((resolve) => {
      done = resolve;
    });
    await before;
    if (signal.aborted) done();
    signal.throwIfAborted();
    return done;
  }

  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const done = await this.take(signal);
    try {
      return await work();
    } finally {
      done();
    }
  }
}

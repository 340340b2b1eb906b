/** Opens with the first who comes and closes with the last who leaves; one opening or closing at a time. */
export class WritingStretch {
  readonly #open: () => Promise<void>;
  readonly #close: () => Promise<void>;
  #within = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(open: () => Promise<void>, close: () => Promise<void>) {
    this.#open = open;
    this.#close = close;
  }

  /** Rejects with what `open` or `close` threw, before the error of `work`: a card left writable is worse. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.#inTurn(async () => {
      if (this.#within === 0) await this.#open();
      this.#within++;
    });
    try {
      return await work();
    } finally {
      await this.#inTurn(async () => {
        this.#within--;
        if (this.#within === 0) await this.#close();
      });
    }
  }

  #inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(step);
    this.#turn = done.catch(() => {});
    return done;
  }
}

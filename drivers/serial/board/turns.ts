import { setMaxListeners } from "node:events";
import { AgentError } from "../../../config/base/errors.ts";

/** Lets one at a time through, in the order of coming, and only so many wait. */
export class Turns {
  readonly #most: number;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Throws `board-busy`, the signal's reason while waiting, or what `work` throws. */
  async take<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    // all that wait may wait for one signal
    setMaxListeners(0, signal);
    if (this.#waiting >= this.#most) throw new AgentError("board-busy", `${this.#waiting} calls wait`);
    const before = this.#last;
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    // who gives up waiting still leaves its place to the next only after those before it
    this.#last = before.then(() => ended);
    this.#waiting++;
    try {
      await started(before, signal);
      return await work();
    } finally {
      this.#waiting--;
      end();
    }
  }
}

function started(before: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    void before.then(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
  });
}

import { AgentError } from "../../../config/base/errors.ts";

/**
 * Calls to one recorder, one after the other: the last status is that of the last command, so no other call may
 * come between. Who is called off, or whose recorder is closed, is told at once; what is under way ends by its own
 * time limits, and the next call waits for it.
 */
export class OneAtATime {
  readonly #closed = new AbortController();
  #last: Promise<unknown> = Promise.resolve();

  run<T>(signal: AbortSignal, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const ends = [this.#closed.signal, signal];
      const ended = ends.find((one) => one.aborted);
      if (ended !== undefined) {
        reject(ended.reason);
        return;
      }
      const off = new AbortController();
      const end = (event: Event): void => {
        const { reason } = event.target as AbortSignal;
        off.abort(reason);
        reject(reason);
      };
      for (const one of ends) one.addEventListener("abort", end, { once: true });
      const turn = this.#last.then(() => {
        off.signal.throwIfAborted();
        return call(off.signal);
      });
      this.#last = turn.then(resolve, reject).finally(() => {
        for (const one of ends) one.removeEventListener("abort", end);
      });
    });
  }

  /** Every call from now on, and those that wait, throw `recorder-gone`. */
  close(): void {
    this.#closed.abort(new AgentError("recorder-gone", "its link is closed"));
  }
}

import type { Clock } from "../../config/base/clock.ts";
import type { Counters } from "../../config/base/counters.ts";
import { errorCode } from "../../config/base/errors.ts";
import type { Logger } from "../../config/base/logger.ts";

/** After an error that no answer of the receiver can bring, such as a database that cannot be read. */
const ERROR_WAIT_MS = 5_000;

export interface PumpParts {
  /** Does all that is to be done now. */
  drain: () => Promise<void>;
  /** When to drain again though nothing wakes the pump (monotonic); null: never. */
  wakeMs: (nowMs: number) => number | null;
  clock: Clock;
  log: Logger;
  counters: Counters;
}

/** Drains when woken or when it is time, one run after the other, so that messages leave in the order decided. */
export class Pump {
  readonly #parts: PumpParts;
  readonly #restListeners = new Set<() => void>();
  #state: "idle" | "running" | "again" = "idle";
  #isTimed = true;
  #timer = new AbortController();
  #rested: Promise<void> = Promise.resolve();

  constructor(parts: PumpParts) {
    this.#parts = parts;
  }

  /** Something happened that may give work. */
  wake(): void {
    if (this.#state === "idle") this.#rested = this.#run();
    else this.#state = "again";
  }

  /** From now on only `wake` starts a run. */
  stopTimer(): void {
    this.#isTimed = false;
    this.#timer.abort();
  }

  /** Resolves when the run that is under way has ended; at once without one. */
  get rested(): Promise<void> {
    return this.#rested;
  }

  /** Resolves when the next run ends. Rejects with the signal's reason. */
  async nextRest(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const done = () => {
        this.#restListeners.delete(done);
        signal.removeEventListener("abort", abort);
        resolve();
      };
      const abort = () => {
        this.#restListeners.delete(done);
        reject(signal.reason as Error);
      };
      this.#restListeners.add(done);
      signal.addEventListener("abort", abort, { once: true });
    });
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    let minWaitMs = 0;
    try {
      do {
        this.#state = "running";
        await this.#parts.drain();
      } while (this.#isWokenAgain());
    } catch (error) {
      minWaitMs = ERROR_WAIT_MS;
      this.#parts.counters.add(errorCode(error));
      this.#parts.log.error({ err: error }, "sync interrupted");
    }
    this.#state = "idle";
    this.#setTimer(minWaitMs);
    for (const listener of [...this.#restListeners]) listener();
  }

  #isWokenAgain(): boolean {
    return this.#state === "again";
  }

  #setTimer(minWaitMs: number): void {
    this.#timer.abort();
    const { clock, wakeMs } = this.#parts;
    const nowMs = clock.monoUs() / 1000;
    const nextMs = wakeMs(nowMs);
    if (nextMs === null || !this.#isTimed) return;
    this.#timer = new AbortController();
    const waitMs = Math.max(Math.ceil(nextMs - nowMs), minWaitMs, 1);
    clock.sleep(waitMs, this.#timer.signal).then(
      () => this.wake(),
      () => {},
    );
  }
}

import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";

interface Limit {
  endUs: number;
  late: () => void;
}

/** Time limits of the calls on one link, all by one timer: a timer for each transfer costs as much as the transfer. */
export class TimeLimits {
  readonly #clock: Clock;
  readonly #place: string;
  readonly #limits = new Set<Limit>();
  #sleeping: AbortController | null = null;
  #wakeUs = Number.POSITIVE_INFINITY;

  /** `place` tells in errors whose calls they are. */
  constructor(clock: Clock, place: string) {
    this.#clock = clock;
    this.#place = place;
  }

  /** What `promise` brings; rejects with `usb-timeout` where that takes longer. */
  within<T>(timeoutMs: number, promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const limit: Limit = {
        endUs: this.#clock.monoUs() + timeoutMs * 1000,
        late: () => reject(new AgentError("usb-timeout", `${this.#place}: ${timeoutMs} ms`)),
      };
      this.#limits.add(limit);
      this.#wakeBy(limit.endUs);
      promise.then(resolve, reject).finally(() => this.#limits.delete(limit));
    });
  }

  /** Lets go of the timer; what is still waited for has no limit any more. */
  end(): void {
    this.#limits.clear();
    this.#sleeping?.abort();
    this.#sleeping = null;
  }

  #wakeBy(endUs: number): void {
    if (endUs >= this.#wakeUs) return;
    this.#wakeUs = endUs;
    this.#sleeping?.abort();
    const sleeping = new AbortController();
    this.#sleeping = sleeping;
    const ms = Math.max(1, Math.ceil((endUs - this.#clock.monoUs()) / 1000));
    this.#clock.sleep(ms, sleeping.signal).then(
      () => this.#wake(),
      () => {},
    );
  }

  #wake(): void {
    const nowUs = this.#clock.monoUs();
    this.#wakeUs = Number.POSITIVE_INFINITY;
    let nextUs = Number.POSITIVE_INFINITY;
    for (const limit of this.#limits) {
      if (limit.endUs > nowUs) {
        nextUs = Math.min(nextUs, limit.endUs);
      } else {
        this.#limits.delete(limit);
        limit.late();
      }
    }
    if (nextUs < Number.POSITIVE_INFINITY) this.#wakeBy(nextUs);
  }
}

import { setTimeout as delay } from "node:timers/promises";

/**
 * Wall time and monotonic time, kept apart: the wall clock is a claim that may jump,
 * the monotonic one only measures distances.
 */
export interface Clock {
  /** Wall clock, ms since 1970-01-01T00:00Z, as the machine claims. */
  utcMs(): number;
  /** Monotonic, whole µs since an arbitrary start; never runs backwards. */
  monoUs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  utcMs: () => Date.now(),
  monoUs: () => Number(process.hrtime.bigint() / 1000n),
  sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
};

import type { GapReason, IdleGap } from "../../crypto/entry/types.ts";

/**
 * A stretch of time without evidence, signed as it becomes known: once when it is noticed, once
 * more for the rest when it is over. Each part starts where the one before ended.
 */
export class Outage {
  readonly #reason: GapReason;
  readonly #after: string | undefined;
  #fromMonoUs: number;

  /** `fromMonoUs` on the ledger's monotonic time; `after`: the recording it interrupted. */
  constructor(reason: GapReason, fromMonoUs: number, after: string | undefined) {
    this.#reason = reason;
    this.#fromMonoUs = Math.max(0, fromMonoUs);
    this.#after = after;
  }

  /** The gap from where the last part ended up to now; null: no time has passed since. */
  until(nowMonoUs: number): IdleGap | null {
    if (nowMonoUs <= this.#fromMonoUs) return null;
    const gap: IdleGap = {
      type: "device.gap",
      reason: this.#reason,
      ...(this.#after === undefined ? {} : { after: this.#after }),
      mono_from_us: this.#fromMonoUs,
      mono_to_us: nowMonoUs,
    };
    this.#fromMonoUs = nowMonoUs;
    return gap;
  }
}

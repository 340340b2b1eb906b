/** Media time and the monotonic clock may part by this much before a recording ends (ledger-format §5). */
const MAX_STRAY_US = 1_000_000;
/** After its start a source may deliver in bursts: the shortest delay seen in this time is the yardstick. */
const SETTLE_US = 5_000_000;
/** A hiccup of the way delays fragments; only a delay that lasts this long is lost time. */
const WINDOW_US = 5_000_000;
/** How fast the yardstick may follow a camera's crystal while nothing is recorded: 100 ppm. */
const FOLLOW = 1e-4;

interface Arrival {
  readonly monoUs: number;
  readonly delayUs: number;
}

/**
 * Compares a stream's own time with the monotonic clock. The delay of a fragment is the moment it
 * arrives less the media time at which it ends; jitter only ever adds to it, so the shortest delay of
 * the last seconds is compared with the shortest one at the start. All times in µs.
 */
export class MediaClock {
  #recent: Arrival[] = [];
  #firstMonoUs: number | null = null;
  #yardstickUs = 0;
  #lastMonoUs = 0;

  /**
   * Notes that media time `mediaUs` was complete at `monoUs`. False: they have strayed apart,
   * and what the stream says about time is no longer believed.
   */
  observe(mediaUs: number, monoUs: number, options: { recording: boolean }): boolean {
    const delayUs = monoUs - mediaUs;
    this.#recent = this.#recent.filter((arrival) => arrival.monoUs > monoUs - WINDOW_US);
    this.#recent.push({ monoUs, delayUs });
    const elapsedUs = monoUs - this.#lastMonoUs;
    this.#lastMonoUs = monoUs;
    if (this.#firstMonoUs === null || monoUs - this.#firstMonoUs < SETTLE_US) {
      this.#yardstickUs = this.#firstMonoUs === null ? delayUs : Math.min(this.#yardstickUs, delayUs);
      this.#firstMonoUs ??= monoUs;
      return true;
    }
    const strayUs = this.#shortestUs() - this.#yardstickUs;
    if (!options.recording) {
      const stepUs = elapsedUs * FOLLOW;
      this.#yardstickUs += Math.max(-stepUs, Math.min(stepUs, strayUs));
    }
    return Math.abs(strayUs) <= MAX_STRAY_US;
  }

  /** The media time that is arriving at `monoUs`; it ends up in a fragment about half a second later. */
  liveUs(monoUs: number): number {
    return Math.max(0, Math.floor(monoUs - this.#shortestUs()));
  }

  #shortestUs(): number {
    return this.#recent.reduce(
      (shortest, { delayUs }) => Math.min(shortest, delayUs),
      Number.POSITIVE_INFINITY,
    );
  }
}

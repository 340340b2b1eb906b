import type { Clock } from "../../config/base/clock.ts";
import type { Bays } from "./bays/bays.ts";

/** A recorder that was pulled in the middle of an import may come back within this time. */
const FORGOTTEN_MS = 24 * 3_600_000;
const LOOK_MS = 60_000;
/** Recorders remembered; beyond it the importer bounds itself. */
const MAX_REMEMBERED = 1024;

/** Closes what a recorder had begun and has not come back for: an import does not stay open for ever. */
export class Forgotten {
  readonly #clock: Clock;
  readonly #abandon: (serial: string) => Promise<void>;
  /** When each was last seen in a bay, monotonic. */
  readonly #seenUs = new Map<string, number>();

  constructor(clock: Clock, abandon: (serial: string) => Promise<void>) {
    this.#clock = clock;
    this.#abandon = abandon;
  }

  /** Looks again and again until the signal aborts. */
  async watch(bays: Pick<Bays, "list">, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look(bays);
      await this.#clock.sleep(LOOK_MS, signal).catch(() => undefined);
    }
  }

  async look(bays: Pick<Bays, "list">): Promise<void> {
    const nowUs = this.#clock.monoUs();
    for (const { docking } of bays.list()) {
      const serial = docking?.introduced?.identity.serial;
      if (serial === undefined) continue;
      this.#seenUs.delete(serial);
      this.#seenUs.set(serial, nowUs);
    }
    for (const [serial, seenUs] of this.#seenUs) {
      if (nowUs - seenUs < FORGOTTEN_MS * 1000 && this.#seenUs.size <= MAX_REMEMBERED) break;
      this.#seenUs.delete(serial);
      await this.#abandon(serial);
    }
  }
}

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../config/base/clock.ts";
import type { Counters } from "../../config/base/counters.ts";
import { errorCode } from "../../config/base/errors.ts";
import { MAX_ORDER_BYTES, orderClaims } from "../../crypto/proof/update-order.ts";

/** So many devices may say hello at once that the folder is not read for each. */
const READ_AGAIN_US = 5_000_000;
const MOST_ORDERS = 64;

/**
 * The orders that an office has laid out for its devices, files `*.json` of a folder. A receiver only hands them over:
 * devices believe the key that signed them, not who brings them.
 */
export class OrderShelf {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #counters: Counters;
  #readUs = Number.NEGATIVE_INFINITY;
  #orders: { dev: string; untilMs: number; envelope: string }[] = [];

  constructor(folder: string, { clock, counters }: { clock: Clock; counters: Counters }) {
    this.#folder = folder;
    this.#clock = clock;
    this.#counters = counters;
  }

  /** Envelopes for `dev` that have not run out. What cannot be read is counted. */
  ordersFor(dev: string): string[] {
    const nowUs = this.#clock.monoUs();
    if (nowUs - this.#readUs >= READ_AGAIN_US) {
      this.#orders = this.#read();
      this.#readUs = nowUs;
    }
    const nowMs = this.#clock.utcMs();
    return this.#orders
      .filter((order) => (order.dev === dev || order.dev === "*") && order.untilMs > nowMs)
      .map(({ envelope }) => envelope);
  }

  #read() {
    return this.#names().flatMap((name) => {
      try {
        const file = join(this.#folder, name);
        // a line's end is an editor's, and no part of the envelope
        if (statSync(file).size > MAX_ORDER_BYTES + 1) throw new Error("too long");
        const envelope = readFileSync(file, "utf8").replace(/\n$/, "");
        const { dev, untilMs } = orderClaims(envelope);
        return [{ dev, untilMs, envelope }];
      } catch {
        this.#counters.add("bad-order");
        return [];
      }
    });
  }

  #names(): string[] {
    try {
      const names = readdirSync(this.#folder).filter((name) => name.endsWith(".json"));
      return names.sort().slice(0, MOST_ORDERS);
    } catch (error) {
      this.#counters.add(errorCode(error));
      return [];
    }
  }
}

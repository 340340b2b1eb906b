import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../config/base/clock.ts";
import type { Counters } from "../../config/base/counters.ts";
import { errorCode } from "../../config/base/errors.ts";
import { MAX_ORDER_BYTES, orderClaims } from "../../crypto/proof/update-order.ts";
import { USUAL_PART_BYTES } from "../wire/limits.ts";

/** So many devices may say hello at once that the folder is not read for each. */
const READ_AGAIN_US = 5_000_000;
const MOST_ORDERS = 64;

interface LaidOut {
  dev: string;
  digest: string;
  untilMs: number;
  envelope: string;
  /** Path of what it orders; null: the office has not laid that out. */
  bundle: string | null;
}

/**
 * The orders that an office has laid out for its devices, files `NAME.json` of a folder, and beside them, where the
 * receiver is to hand them out, their bundles `NAME.raucb`. A receiver only hands them over:
 * devices believe the key that signed them, not who brings them.
 */
export class OrderShelf {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #counters: Counters;
  #readUs = Number.NEGATIVE_INFINITY;
  #orders: LaidOut[] = [];

  constructor(folder: string, { clock, counters }: { clock: Clock; counters: Counters }) {
    this.#folder = folder;
    this.#clock = clock;
    this.#counters = counters;
  }

  /** Envelopes for `dev` that have not run out. What cannot be read is counted. */
  ordersFor(dev: string): string[] {
    return this.#laidOutFor(dev).map(({ envelope }) => envelope);
  }

  /** Bytes from `offset` on of a bundle that is ordered for `dev`; none: there are no more, or it is not here. */
  async part(dev: string, digest: string, offset: number): Promise<Uint8Array> {
    const order = this.#laidOutFor(dev).find((laid) => laid.digest === digest && laid.bundle !== null);
    if (order?.bundle == null) return Buffer.alloc(0);
    const file = await open(order.bundle, "r");
    try {
      const bytes = Buffer.allocUnsafe(USUAL_PART_BYTES);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  #laidOutFor(dev: string): LaidOut[] {
    const nowUs = this.#clock.monoUs();
    if (nowUs - this.#readUs >= READ_AGAIN_US) {
      this.#orders = this.#read();
      this.#readUs = nowUs;
    }
    const nowMs = this.#clock.utcMs();
    return this.#orders.filter((order) => (order.dev === dev || order.dev === "*") && order.untilMs > nowMs);
  }

  #read(): LaidOut[] {
    return this.#names().flatMap((name) => {
      try {
        const file = join(this.#folder, name);
        // a line's end is an editor's, and no part of the envelope
        if (statSync(file).size > MAX_ORDER_BYTES + 1) throw new Error("too long");
        const envelope = readFileSync(file, "utf8").replace(/\n$/, "");
        const { dev, digest, untilMs } = orderClaims(envelope);
        const beside = file.replace(/\.json$/, ".raucb");
        return [{ dev, digest, untilMs, envelope, bundle: existsSync(beside) ? beside : null }];
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

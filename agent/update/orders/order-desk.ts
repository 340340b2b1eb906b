import type { Clock } from "../../../config/base/clock.ts";
import { errorCode } from "../../../config/base/errors.ts";
import type { Logger } from "../../../config/base/logger.ts";
import type { UpdateStep } from "../../../crypto/entry/ledger-types.ts";
import type { OpenedOrder } from "../../../crypto/proof/update-order.ts";
import type { OrderBook } from "./order-book.ts";
import type { StagedBundle } from "./staged-bundle.ts";

export interface OrderDeskParts {
  book: OrderBook;
  staged: StagedBundle;
  /** The version that runs. */
  runs(): Promise<string>;
  /** Begins to install what is staged; uses the order up as soon as it does. */
  install(order: OpenedOrder): Promise<unknown>;
  write(step: UpdateStep): Promise<void>;
  clock: Clock;
  log: Logger;
}

const LOOK_MS = 60_000;
/** The unit is not ready, and may be later. */
const LATER: ReadonlySet<string> = new Set(["update-blocked", "update-busy", "update-failed", "rauc-failed"]);

/** Carries out the orders of a unit's offices, each once, when its bundle is staged and nothing is in the way. */
export class OrderDesk {
  readonly #parts: OrderDeskParts;

  constructor(parts: OrderDeskParts) {
    this.#parts = parts;
  }

  /** Takes an order that has come, and has that signed. Throws what the book throws. */
  async take(envelope: string): Promise<void> {
    const { book, write, log } = this.#parts;
    const order = book.take(envelope);
    if (order === null) return;
    const { id, version, signer } = order;
    log.info({ id, version, signer }, "update ordered");
    await write({ type: "device.update", state: "ordered", version, order: id });
  }

  /** Those that wait, and whether their bundle is here. */
  async waiting(): Promise<{ version: string; until_ms: number; staged: boolean }[]> {
    const { book, staged } = this.#parts;
    const told = book.open().map(async (order) => ({
      version: order.version,
      until_ms: order.untilMs,
      staged: await staged.is(order),
    }));
    return await Promise.all(told);
  }

  /** Until the signal aborts. */
  async keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look().catch((error: unknown) =>
        this.#parts.log.warn({ err: error }, "orders not looked at"),
      );
      await this.#parts.clock.sleep(LOOK_MS, signal).catch(() => {});
    }
  }

  /** Begins to carry out the first that can be. */
  async look(): Promise<void> {
    const { book, staged, clock } = this.#parts;
    for (const order of book.open()) {
      if (order.fromMs > clock.utcMs() || !(await staged.is(order))) continue;
      if (await this.#carryOut(order)) return;
    }
  }

  /** False: there is nothing more to do about it. */
  async #carryOut(order: OpenedOrder): Promise<boolean> {
    const { book, runs, install, write, log } = this.#parts;
    const { id, version } = order;
    if ((await runs()) === version) {
      book.use(order);
      return false;
    }
    try {
      await install(order);
      return true;
    } catch (error) {
      const code = errorCode(error).toLowerCase();
      if (LATER.has(code)) return true;
      log.warn({ err: error, id }, "order refused");
      book.use(order);
      await write({ type: "device.update", state: "refused", version, reason: code, order: id });
      return false;
    }
  }
}

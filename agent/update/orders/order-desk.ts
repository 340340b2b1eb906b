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
  /** Fetches an order's bundle if that can be done now: true once it is staged. */
  fetch(order: OpenedOrder, signal: AbortSignal): Promise<boolean>;
  /** Begins to install what is staged; uses the order up as soon as it does. */
  install(order: OpenedOrder): Promise<unknown>;
  write(step: UpdateStep): Promise<void>;
  clock: Clock;
  log: Logger;
}

const LOOK_MS = 15_000;
/** The unit is not ready, and may be later. */
const LATER: ReadonlySet<string> = new Set(["update-blocked", "update-busy", "update-failed", "rauc-failed"]);

/** Carries out the orders of a unit's offices, each once, when its bundle is staged and nothing is in the way. */
export class OrderDesk {
  readonly #parts: OrderDeskParts;
  #running: Promise<string> | null = null;
  #wake: () => void = () => {};

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
    this.#wake();
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
      await this.look(signal).catch((error: unknown) =>
        this.#parts.log.warn({ err: error }, "orders not looked at"),
      );
      await this.#rest(signal);
    }
  }

  /** Until the next look, or until an order comes. */
  async #rest(signal: AbortSignal): Promise<void> {
    const waking = new AbortController();
    this.#wake = () => waking.abort();
    await this.#parts.clock.sleep(LOOK_MS, AbortSignal.any([signal, waking.signal])).catch(() => {});
    this.#wake = () => {};
  }

  /** Begins to carry out the first that can be. */
  async look(signal: AbortSignal): Promise<void> {
    const { book, clock } = this.#parts;
    for (const order of book.open()) {
      if (order.fromMs > clock.utcMs()) continue;
      if (await this.#isOver(order)) continue;
      if (!(await this.#isHere(order, signal))) continue;
      if (await this.#carryOut(order)) return;
    }
  }

  /** The version that it wants runs. */
  async #isOver(order: OpenedOrder): Promise<boolean> {
    if ((await this.#runs()) !== order.version) return false;
    this.#parts.book.use(order);
    return true;
  }

  /** Asked once: it does not change before the next start. */
  async #runs(): Promise<string> {
    this.#running ??= this.#parts.runs();
    try {
      return await this.#running;
    } catch (error) {
      this.#running = null;
      throw error;
    }
  }

  async #isHere(order: OpenedOrder, signal: AbortSignal): Promise<boolean> {
    const { staged, fetch, log } = this.#parts;
    if (await staged.is(order)) return true;
    try {
      return await fetch(order, signal);
    } catch (error) {
      const code = errorCode(error);
      log.info({ id: order.id, code }, "ordered bundle not fetched");
      // another was laid out: every night it would come again
      if (code === "bundle-damaged") await this.#refuse(order, code);
      return false;
    }
  }

  /** False: there is nothing more to do about it. */
  async #carryOut(order: OpenedOrder): Promise<boolean> {
    const { install, log } = this.#parts;
    try {
      await install(order);
      return true;
    } catch (error) {
      const code = errorCode(error).toLowerCase();
      if (LATER.has(code)) return true;
      log.warn({ err: error, id: order.id }, "order refused");
      await this.#refuse(order, code);
      return false;
    }
  }

  async #refuse(order: OpenedOrder, reason: string): Promise<void> {
    const { book, write } = this.#parts;
    const { id, version } = order;
    book.use(order);
    await write({ type: "device.update", state: "refused", version, reason, order: id });
  }
}

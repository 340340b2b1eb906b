import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { syncDirectory, writeDurably } from "../../../config/base/durable.ts";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import { sha256 } from "../../../crypto/bytes/digest.ts";
import type { VerifierKey } from "../../../crypto/keys/vkey.ts";
import { type OpenedOrder, openOrder, orderClaims } from "../../../crypto/proof/update-order.ts";

export interface OrderBookParts {
  dataDir: string;
  /** Whose orders are taken. */
  keys: readonly VerifierKey[];
  dev: string;
  utcMs: () => number;
}

/** The fewest that an office could need at once, and the most that a flood of them may fill. */
const MOST_ORDERS = 16;
/** A clock that was set wrong must not make an order run out for good. */
const KEPT_AFTER_MS = 30 * 86_400_000;
const ORDER = /^([0-9a-f]{64})\.(json|used)$/;

/**
 * The orders of a unit's offices, in `update/orders` of the data directory. Each is carried out once: one that was
 * tried is remembered as used for as long as it could come again.
 */
export class OrderBook {
  readonly #parts: OrderBookParts;
  readonly #folder: string;

  constructor(parts: OrderBookParts) {
    this.#parts = parts;
    this.#folder = join(parts.dataDir, "update", "orders");
  }

  /**
   * Takes an order that has come; durable when it returns. null: it was here before. Throws what opening it throws,
   * `order-not-ours`, `order-expired`, or `too-many-orders`.
   */
  take(envelope: string): OpenedOrder | null {
    // at every hello it comes again: looked at once
    const id = sha256(envelope).toString("hex");
    if (this.#names().some((name) => name.startsWith(id))) return null;
    const order = openOrder(envelope, this.#parts.keys);
    if (order.dev !== "*" && order.dev !== this.#parts.dev) throw new AgentError("order-not-ours", order.dev);
    if (order.untilMs <= this.#parts.utcMs()) throw new AgentError("order-expired", order.id);
    this.#forgetExpired();
    const { length } = this.#names();
    if (length >= MOST_ORDERS) throw new AgentError("too-many-orders", `${length}`);
    mkdirSync(this.#folder, { recursive: true, mode: 0o750 });
    writeDurably(join(this.#folder, `${order.id}.json`), envelope, 0o640);
    return order;
  }

  /** Those that were not carried out yet, the newest version first; one whose key is not pinned any more is none. */
  open(): OpenedOrder[] {
    const nowMs = this.#parts.utcMs();
    return this.#names()
      .filter((name) => name.endsWith(".json"))
      .flatMap((name) => this.#opened(name) ?? [])
      .filter(({ untilMs }) => untilMs > nowMs)
      .sort((a, b) => b.version.localeCompare(a.version, "en", { numeric: true }));
  }

  /** It is tried now, or needs no trying: never again. Durable when it returns. */
  use({ id, envelope }: OpenedOrder): void {
    writeDurably(join(this.#folder, `${id}.used`), envelope, 0o640);
    rmSync(join(this.#folder, `${id}.json`), { force: true });
    syncDirectory(this.#folder);
  }

  #forgetExpired(): void {
    const beforeMs = this.#parts.utcMs() - KEPT_AFTER_MS;
    for (const name of this.#names())
      if (this.#untilMs(name) < beforeMs) rmSync(join(this.#folder, name), { force: true });
  }

  /** Whoever signed it: what was used stays used when its key is pinned again. Of what is no order it is long over. */
  #untilMs(name: string): number {
    try {
      return orderClaims(readFileSync(join(this.#folder, name), "utf8")).untilMs;
    } catch {
      return 0;
    }
  }

  #opened(name: string): OpenedOrder | null {
    try {
      return openOrder(readFileSync(join(this.#folder, name), "utf8"), this.#parts.keys);
    } catch {
      return null;
    }
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder).filter((name) => ORDER.test(name));
    } catch (error) {
      if (errorCode(error) === "ENOENT") return [];
      throw error;
    }
  }
}

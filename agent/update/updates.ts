import { existsSync } from "node:fs";
import type { Clock } from "../../config/base/clock.ts";
import { withDeadline } from "../../config/base/deadline.ts";
import { AgentError, errorCode } from "../../config/base/errors.ts";
import type { Logger } from "../../config/base/logger.ts";
import { type Refusal, refusalOf } from "../../config/orders/lines.ts";
import type { UpdateStep } from "../../crypto/entry/ledger-types.ts";
import type { VerifierKey } from "../../crypto/keys/vkey.ts";
import type { OpenedOrder } from "../../crypto/proof/update-order.ts";
import type { Alarms } from "../alarms.ts";
import type { ControlHandlers } from "../control/protocol.ts";
import { restartWhenFree, slotsKnown, writeSlot } from "./installing.ts";
import { BundleFetcher, type BundleFetcherParts } from "./orders/bundle-fetcher.ts";
import { OrderBook } from "./orders/order-book.ts";
import { OrderDesk } from "./orders/order-desk.ts";
import { StagedBundle } from "./orders/staged-bundle.ts";
import type { Bundle } from "./rauc/told.ts";
import { type Obstacle, obstaclesTo, type Standing } from "./rules/gate.ts";
import { compareVersions } from "./rules/version.ts";
import type { Installed, UpdatingClient } from "./service/updating-client.ts";
import { stagedBundleOf } from "./service/wire.ts";
import type { UnitHealth } from "./trial/health.ts";
import { settleTrial } from "./trial/trial.ts";
import { TrialBook } from "./trial/trial-book.ts";

export interface UpdatesParts {
  config: { socket: string; leastBatteryPct: number; trialMs: number };
  dataDir: string;
  /** Of this unit, as offices order by it. */
  dev: string;
  /** Whose orders are taken. */
  orderKeys: readonly VerifierKey[];
  client: UpdatingClient;
  /** How ordered bundles come to it. */
  fetching: Pick<BundleFetcherParts, "part" | "mayFetch" | "freeBytes">;
  /** How the unit stands now; waits for receipts no longer than `signal` lets it. */
  standing(signal: AbortSignal): Promise<Standing>;
  health: UnitHealth;
  isRecording(): boolean;
  write(step: UpdateStep): Promise<void>;
  alarms: Alarms;
  clock: Clock;
  log: Logger;
}

/** What is under way; null: nothing. */
type Doing = "looking" | "installing" | "restarting" | null;

/** How long an order waits for the last receipts. */
const RECEIPTS_MS = 30_000;

/** Updates of a unit that has two slots: what came of the last one, and the next one when it is ordered. */
export class Updates {
  readonly #parts: UpdatesParts;
  readonly #book: TrialBook;
  readonly #orders: OrderBook;
  readonly #desk: OrderDesk;
  readonly #fetcher: BundleFetcher;
  readonly #ending = new AbortController();
  #settled: Promise<unknown> = Promise.resolve();
  #installing: Promise<unknown> = Promise.resolve();
  #doing: Doing = null;
  #before: Installed | null = null;
  #failure: Refusal | null = null;

  constructor(parts: UpdatesParts) {
    this.#parts = parts;
    this.#book = new TrialBook(parts.dataDir);
    const { dataDir, dev, orderKeys: keys, clock, log } = parts;
    this.#fetcher = new BundleFetcher({ ...parts.fetching, staged: stagedBundleOf(dataDir), log });
    this.#orders = new OrderBook({ dataDir, dev, keys, utcMs: () => clock.utcMs() });
    this.#desk = new OrderDesk({
      book: this.#orders,
      staged: new StagedBundle(stagedBundleOf(dataDir)),
      runs: async () => (await parts.client.status(this.#ending.signal)).version,
      fetch: (order, signal) => this.#fetch(order, signal),
      install: (order) => this.#order(this.#ending.signal, order),
      write: parts.write,
      clock,
      log,
    });
  }

  /** A unit without the updating service is updated in some other way: there is nothing to do then. */
  get isThere(): boolean {
    return existsSync(this.#parts.config.socket);
  }

  start(): void {
    if (!this.isThere) return;
    this.#settled = this.#settle()
      .catch((error: unknown) => {
        if (this.#ending.signal.aborted) return;
        this.#parts.log.error({ err: error }, "update not settled");
        this.#parts.alarms.raise("update-failed", errorCode(error));
      })
      .then(() => this.#desk.keep(this.#ending.signal));
  }

  /** An order that came from an office. Throws what `OrderBook.take` throws, and `update-not-here`. */
  async takeOrder(envelope: string): Promise<void> {
    this.#mustBeThere();
    await this.#desk.take(envelope);
  }

  /** Does not wait for a slot that is being written: power may be going, and the ledger must be closed. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#settled;
    await this.#installing;
  }

  handlers(): ControlHandlers {
    return {
      "update.status": (_params, signal) => this.#status(signal),
      "update.install": (_params, signal) => this.#order(signal, null),
      "update.order": async ({ envelope }) => {
        await this.takeOrder(envelope);
        return { orders: await this.#desk.waiting() };
      },
    };
  }

  async #settle(): Promise<void> {
    const { client, config, alarms, log } = this.#parts;
    const installed = await slotsKnown(this.#parts, this.#ending.signal);
    const end = await settleTrial(
      installed,
      {
        ...this.#parts,
        book: this.#book,
        good: () => client.good(this.#ending.signal),
        restart: () => client.restart(this.#ending.signal),
        trialMs: config.trialMs,
      },
      this.#ending.signal,
    );
    log.info({ version: installed.version, end }, "update settled");
    if (end === "fell-back") alarms.raise("update-fell-back", installed.version);
  }

  /** Not under an installation's hands. */
  async #fetch(order: OpenedOrder, signal: AbortSignal): Promise<boolean> {
    if (this.#doing !== null || this.#book.read() !== null) return false;
    return await this.#fetcher.fetch(order, signal);
  }

  async #status(signal: AbortSignal) {
    this.#mustBeThere();
    const [{ slots, version, minimumVersion }, obstacles] = await Promise.all([
      this.#installed(),
      this.#obstacles(signal),
    ]);
    return {
      version,
      minimum_version: minimumVersion,
      slots: slots.map(({ name, booted, good, holds }) => ({
        name,
        booted,
        good,
        ...(holds === null ? {} : { version: holds.version }),
      })),
      obstacles,
      orders: await this.#desk.waiting(),
      trial: this.#book.read()?.version ?? null,
      doing: this.#doing,
      failure: this.#failure,
    };
  }

  /** While a slot is being written RAUC answers nothing else: what was there before is told then. */
  async #installed(): Promise<Installed> {
    if (this.#doing === "installing" && this.#before !== null) return this.#before;
    return await this.#parts.client.status();
  }

  /** Looks at what is staged and begins to install it; answers before that is done. `by`: null, somebody at the unit. */
  async #order(signal: AbortSignal, by: OpenedOrder | null) {
    this.#mustBeThere();
    if (this.#doing !== null || this.#book.read() !== null)
      throw new AgentError("update-busy", this.#doing ?? "on trial");
    this.#doing = "looking";
    try {
      const { bundle, before } = await this.#look(signal);
      if (by !== null) this.#use(by, bundle);
      this.#before = before;
      this.#failure = null;
      this.#doing = "installing";
      const { version } = bundle;
      this.#installing = this.#install({ version, ...(by === null ? {} : { order: by.id }) }, before);
      return { version };
    } catch (error) {
      this.#doing = null;
      throw error;
    }
  }

  /** From here on it counts as tried, whatever comes: an update that does not run is not tried again every night. */
  #use(order: OpenedOrder, { version }: Bundle): void {
    if (version !== order.version)
      throw new AgentError("order-other-bundle", `${version}; ordered ${order.version}`);
    this.#orders.use(order);
  }

  /** Throws `update-blocked`, `bundle-too-old`, and what the service throws. */
  async #look(signal: AbortSignal): Promise<{ bundle: Bundle; before: Installed }> {
    const { client } = this.#parts;
    const obstacles = await this.#obstacles(signal);
    if (obstacles.length > 0) throw new AgentError("update-blocked", obstacles.join(", "));
    const bundle = await client.inspect(signal);
    const before = await client.status(signal);
    if (compareVersions(bundle.version, before.minimumVersion) < 0)
      throw new AgentError("bundle-too-old", `${bundle.version}; at least ${before.minimumVersion}`);
    return { bundle, before };
  }

  async #install(update: { version: string; order?: string }, before: Installed): Promise<void> {
    const { write, log, alarms } = this.#parts;
    const { signal } = this.#ending;
    const parts = {
      ...this.#parts,
      book: this.#book,
      mayRestart: async () => (await this.#obstacles(signal)).length === 0,
    };
    try {
      await writeSlot(update, before, parts, signal);
      this.#doing = "restarting";
      await restartWhenFree(parts, signal);
    } catch (error) {
      if (signal.aborted) return;
      const { version } = update;
      const failure = refusalOf(error);
      this.#failure = failure;
      this.#doing = null;
      log.error({ err: error }, "update not installed");
      alarms.raise("update-failed", failure.code);
      await write({ type: "device.update", state: "refused", version, reason: failure.code }).catch(() => {});
    }
  }

  async #obstacles(signal: AbortSignal): Promise<Obstacle[]> {
    return obstaclesTo(await this.#standing(signal), this.#parts.config.leastBatteryPct);
  }

  async #standing(signal: AbortSignal): Promise<Standing> {
    return await this.#parts.standing(withDeadline(signal, RECEIPTS_MS));
  }

  #mustBeThere(): void {
    if (!this.isThere) throw new AgentError("update-not-here", this.#parts.config.socket);
  }
}

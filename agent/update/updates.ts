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
import { BundleFetcher, type BundleFetcherParts } from "./orders/bundle-fetcher.ts";
import { OrderBook } from "./orders/order-book.ts";
import { OrderDesk } from "./orders/order-desk.ts";
import { StagedBundle } from "./orders/staged-bundle.ts";
import type { Bundle } from "./rauc/told.ts";
import { obstaclesTo, type Standing } from "./rules/gate.ts";
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

/** Between two looks at whether the unit may restart; whoever ordered it hears that it will. */
const GATE_MS = 5_000;
/** How long an order waits for the last receipts. */
const RECEIPTS_MS = 30_000;
const AGAIN_MS = 10_000;

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
    const installed = await this.#slotsKnown();
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
    const { config } = this.#parts;
    this.#mustBeThere();
    const [{ slots, version, minimumVersion }, standing] = await Promise.all([
      this.#installed(),
      this.#standing(signal),
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
      obstacles: obstaclesTo(standing, config.leastBatteryPct),
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
      this.#installing = this.#install(bundle, before, by === null ? {} : { order: by.id });
      return { version: bundle.version };
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
    const { client, config } = this.#parts;
    const obstacles = obstaclesTo(await this.#standing(signal), config.leastBatteryPct);
    if (obstacles.length > 0) throw new AgentError("update-blocked", obstacles.join(", "));
    const bundle = await client.inspect(signal);
    const before = await client.status(signal);
    if (compareVersions(bundle.version, before.minimumVersion) < 0)
      throw new AgentError("bundle-too-old", `${bundle.version}; at least ${before.minimumVersion}`);
    return { bundle, before };
  }

  async #install(
    { version }: Bundle,
    { slots, version: from }: Installed,
    by: { order?: string },
  ): Promise<void> {
    const { client, write, log } = this.#parts;
    try {
      const running = slots.find(({ booted }) => booted);
      if (running === undefined) throw new AgentError("update-failed", "no slot is the one that runs");
      await write({ type: "device.update", state: "begun", version, from, ...by });
      // first: whatever cuts this off, a start of the new version is a trial
      this.#book.begin({ version, from: running.name });
      await client.install(this.#ending.signal).catch(async (error: unknown) => {
        if (!(await this.#isWritten(version))) throw error;
      });
      await write({ type: "device.update", state: "installed", version });
      this.#doing = "restarting";
      await this.#restartWhenFree();
    } catch (error) {
      if (this.#ending.signal.aborted) return;
      this.#book.end();
      const failure = refusalOf(error);
      this.#failure = failure;
      this.#doing = null;
      log.error({ err: error }, "update not installed");
      this.#parts.alarms.raise("update-failed", failure.code);
      await write({ type: "device.update", state: "refused", version, reason: failure.code }).catch(() => {});
    }
  }

  /** Whether the other slot holds it, whatever was heard of that; only then, and as long as nobody knows, is it on trial. */
  async #isWritten(version: string): Promise<boolean> {
    const { slots } = await this.#slotsKnown();
    return slots.some(({ booted, holds }) => !booted && holds?.version === version);
  }

  /** RAUC tells nothing while it writes, as for another order that an agent before this one gave. */
  async #slotsKnown(): Promise<Installed> {
    const { client, clock, log } = this.#parts;
    const { signal } = this.#ending;
    for (;;) {
      try {
        return await client.status(signal);
      } catch (error) {
        signal.throwIfAborted();
        log.warn({ err: error }, "slots not known");
        await clock.sleep(AGAIN_MS, signal);
      }
    }
  }

  /** Somebody may have taken the unit out of its dock meanwhile: work goes first. */
  async #restartWhenFree(): Promise<void> {
    const { client, clock, config, log } = this.#parts;
    const { signal } = this.#ending;
    for (;;) {
      await clock.sleep(GATE_MS, signal);
      try {
        const standing = await this.#standing(signal);
        if (obstaclesTo(standing, config.leastBatteryPct).length === 0) return await client.restart(signal);
      } catch (error) {
        // it starts into the new version sooner or later, and by then on trial
        log.warn({ err: error }, "unit not restarted");
      }
    }
  }

  async #standing(signal: AbortSignal): Promise<Standing> {
    return await this.#parts.standing(withDeadline(signal, RECEIPTS_MS));
  }

  #mustBeThere(): void {
    if (!this.isThere) throw new AgentError("update-not-here", this.#parts.config.socket);
  }
}

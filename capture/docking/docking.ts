import { aborted } from "../../config/base/deadline.ts";
import { AgentError, errorCode } from "../../config/base/errors.ts";
import type { RecorderDriver, SyncingStanding } from "../../drivers/recorders/recorder-driver.ts";
import { type BayState, type KeepReason, lampOf, mayFollow } from "./bay-state.ts";
import { accountOf, inventoryText } from "./card/account.ts";
import { CardBook } from "./card/card-book.ts";
import { type Emptying, listCard } from "./card/emptying.ts";
import { importAll } from "./card/importing.ts";
import { awaitReceipts, reasonsToKeep, wipe } from "./card/wiping.ts";
import type { DockingOptions, DockingParts } from "./docking-parts.ts";
import {
  askPatiently,
  batteryOf,
  type Introduced,
  orNull,
  settleClock,
  wantsOf,
  wearerOf,
} from "./introduction.ts";
import { isEndOfWriter, whenThereIsRoom } from "./room.ts";

/** How a link to a recorder ended. */
export type LinkEnd =
  /** It was taken out, or what it said was of no use and then it was taken out. */
  | { kind: "taken" }
  /** It comes back as a disk: go on with `run` on the new link. */
  | { kind: "switched" };

const TEND_MS = 30_000;
const LAMP_MS = 5_000;
/** A recorder that records in its bay again and again is imported so often. */
const MAX_ROUNDS = 100;

/** One recorder in one bay, from insertion to removal (architecture, "The way of the data"). */
export class Docking {
  readonly #parts: DockingParts;
  readonly #options: DockingOptions;
  readonly #book = new CardBook();
  readonly #underWay = new Map<string, number>();
  #introduced: Introduced | null = null;
  #isKnown = false;
  #state: BayState = { kind: "empty" };
  #isOrdered = false;
  #standing: SyncingStanding | null = null;
  #inventory: { text: string; digest: string } | null = null;
  #taker: string | null = null;
  #isTakerTold = true;
  #isAccounted = false;
  #attend: (() => void) | null = null;

  constructor(parts: DockingParts, options: DockingOptions) {
    this.#parts = parts;
    this.#options = options;
  }

  /**
   * Does what is to be done over one link; `signal` aborts when it is pulled. Never throws for what a
   * recorder does: only the writer's end comes through.
   */
  async run(driver: RecorderDriver, signal: AbortSignal): Promise<LinkEnd> {
    try {
      if (this.#introduced === null) await this.#introduce(driver, signal);
      const { capabilities } = driver;
      if (capabilities.has("switch-to-disk") && !capabilities.has("files")) {
        await this.#switch(driver, signal);
        return { kind: "switched" };
      }
      await this.#empty(driver, signal);
    } catch (error) {
      if (isEndOfWriter(error)) throw error;
      await this.#fail(error, driver, signal);
    }
    return { kind: "taken" };
  }

  /** The recorder is out: signs what this docking knows, and who took it, if somebody said so. What failed may be tried again. */
  async end(reason: string): Promise<void> {
    const { bay } = this.#options;
    const introduced = this.#introduced;
    if (introduced !== null) {
      const { writer } = this.#parts;
      const { serial } = introduced.identity;
      const inventory = await this.#signInventory(serial);
      if (!this.#isAccounted) await writer.append({ ...accountOf(bay, serial, this.#book), inventory });
      this.#isAccounted = true;
      // a dock that ends leaves the recorder where it is, and its wearer the same
      const next = this.#taker ?? (reason === "shutdown" ? this.wearer : undefined);
      const taker = next === undefined ? {} : { wearer: next };
      await writer.append({ type: "dock.detach", ...this.#about(introduced), ...taker, reason });
    }
    this.#to({ kind: "empty" }, null);
  }

  /** A person says that the recorder may be wiped, once it is safe to. */
  orderWipe(): void {
    this.#isOrdered = true;
    this.#attend?.();
  }

  /** Who takes it next: written into the recorder where it can be, and signed when it is taken. */
  handOut(wearer: string): void {
    this.#taker = wearer;
    this.#isTakerTold = false;
    this.#attend?.();
  }

  get state(): BayState {
    return this.#state;
  }

  get introduced(): Introduced | null {
    return this.#introduced;
  }

  /** What a recorder that syncs by itself said last; null: this one does not. */
  get standing(): SyncingStanding | null {
    return this.#standing;
  }

  get book(): CardBook {
    return this.#book;
  }

  /** Who has it: the recorder's own word, then what a person told, then who took it the last time. */
  get wearer(): string | undefined {
    if (this.#introduced === null) return undefined;
    const { identity, wearer } = this.#introduced;
    return wearer?.id ?? this.#options.toldWearer() ?? this.#parts.memory.lastWearer(identity.serial);
  }

  /** Bytes read of files that are not whole yet. */
  get bytesUnderWay(): number {
    return [...this.#underWay.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  async #introduce(driver: RecorderDriver, signal: AbortSignal): Promise<void> {
    const { clock, memory, writer } = this.#parts;
    this.#to({ kind: "identifying" }, driver);
    const identity = await askPatiently(() => driver.identify(signal), this.#parts, signal);
    this.#isKnown = memory.isKnown(identity.serial);
    const wearer = await wearerOf(driver, this.#parts, signal);
    const battery = await batteryOf(driver, this.#parts, signal);
    this.#introduced = { identity, driver: driver.name, wearer, battery, clock: null };
    const had = this.wearer;
    const by = had === undefined ? {} : { wearer: had };
    const attach = { type: "dock.attach", ...this.#about(this.#introduced), ...by } as const;
    await whenThereIsRoom(() => writer.append(attach), clock, signal);
    this.#to({ kind: "recognised", known: this.#isKnown }, driver);
    if (!driver.capabilities.has("clock-read") && !driver.capabilities.has("clock-set")) return;
    this.#to({ kind: "setting-clock" }, driver);
    const finding = await settleClock(driver, this.#parts, signal);
    this.#introduced.clock = finding;
    if (finding === null) return;
    const { offsetMs, isOnTime } = finding;
    const told = {
      type: "dock.clock",
      bay: this.#options.bay,
      serial: identity.serial,
      dock_utc_ms: clock.utcMs(),
      ...(offsetMs === null ? {} : { offset_ms: Math.round(offsetMs) }),
      on_time: isOnTime,
    } as const;
    await whenThereIsRoom(() => writer.append(told), clock, signal);
  }

  /** Dropping off the bus is what it should do: told of that first, or of the call's end, it is switched. */
  async #switch(driver: RecorderDriver, signal: AbortSignal): Promise<void> {
    this.#to({ kind: "switching" }, driver);
    try {
      await askPatiently(() => driver.switchToDisk(signal), this.#parts, signal);
    } catch (error) {
      if (!signal.aborted && errorCode(error) !== "recorder-gone") throw error;
    }
  }

  async #empty(driver: RecorderDriver, signal: AbortSignal): Promise<void> {
    if (!driver.capabilities.has("files")) return await this.#tend(driver, signal, () => []);
    const work = this.#emptying(driver, signal);
    // what a recorder records in its bay is imported too; one that never ends to is left with what it has
    for (let round = 1; !signal.aborted; round++) {
      await importAll(work, signal);
      if (await this.#hasReceipts(work, signal)) {
        // receipts may have taken the night: what came since is no part of them
        const fresh = await listCard(work, signal);
        if (fresh.length > 0 && round < MAX_ROUNDS) continue;
      }
      await this.#clearAndTend(work, round < MAX_ROUNDS, signal);
    }
  }

  /** True when every file that is to be wiped had to be waited for. */
  async #hasReceipts(work: Emptying, signal: AbortSignal): Promise<boolean> {
    const totals = this.#book.totals();
    if (totals.failed + totals.pending > 0 || totals.files === totals.wiped) return false;
    // receipts come for media: the one for this document covers every stop before it
    await whenThereIsRoom(() => this.#signInventory(work.serial), this.#parts.clock, signal);
    await awaitReceipts(work, signal);
    return true;
  }

  /** Wipes what may be wiped, and resolves when the card that was empty is not any more. */
  async #clearAndTend(work: Emptying, mayReturn: boolean, signal: AbortSignal): Promise<void> {
    let reasons = await reasonsToKeep(work, this.#order());
    const { files, wiped } = this.#book.totals();
    const hasNew = () => mayReturn && this.#book.totals().pending > 0;
    if (reasons.length === 0 && files > wiped) reasons = await wipe(work, signal);
    if (hasNew()) return;
    let isFirst = true;
    await this.#tend(work.driver, signal, async () => {
      if (reasons.length > 0) {
        if (this.#isOrdered && (await reasonsToKeep(work, this.#order())).length === 0)
          reasons = await wipe(work, signal);
        if (hasNew()) return null;
      } else if (!isFirst) {
        await listCard(work, signal);
        const { files, wiped, skipped } = this.#book.totals();
        if (files === wiped && skipped === 0) return reasons;
        if (mayReturn) return null;
        reasons = ["not-imported"];
      }
      isFirst = false;
      return reasons;
    });
  }

  /** Until it is taken, or `reasons` answers null: looks at the battery, and does what a person orders. */
  async #tend(
    driver: RecorderDriver,
    signal: AbortSignal,
    reasons: () => KeepReason[] | Promise<KeepReason[] | null>,
  ): Promise<void> {
    while (!signal.aborted) {
      await this.#tellTaker(driver, signal);
      const keep = await reasons();
      if (keep === null) return;
      const state =
        keep.length > 0 ? { kind: "kept" as const, reasons: keep } : await this.#readiness(driver, signal);
      this.#to(state, driver);
      await this.#pause(signal);
    }
  }

  /** A recorder that will not be told is no reason to end a docking. */
  async #tellTaker(driver: RecorderDriver, signal: AbortSignal): Promise<void> {
    const id = this.#taker;
    if (id === null || this.#isTakerTold || !driver.capabilities.has("wearer-write")) return;
    this.#isTakerTold = true;
    await orNull(() => askPatiently(() => driver.writeWearer({ id }, signal), this.#parts, signal));
  }

  /** Where a recorder stands that has no file to give, or none any more. */
  async #readiness(driver: RecorderDriver, signal: AbortSignal): Promise<BayState> {
    const standing = await askPatiently(async () => driver.standing?.(signal), this.#parts, signal);
    this.#standing = standing ?? null;
    if (standing !== undefined && standing.backlogEntries > 0) return { kind: "awaiting-receipts" };
    const wants = await wantsOf(driver, this.#introduced as Introduced, this.#parts, signal);
    if (standing?.isRecording === true) wants.push("recording");
    return wants.length === 0 ? { kind: "ready" } : { kind: "cleared", wants };
  }

  /** Waits a while, or until there is something to attend to. */
  async #pause(signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const pause = this.#parts.clock.sleep(TEND_MS, AbortSignal.any([signal, woken.signal]));
    this.#attend = () => woken.abort();
    await pause.catch(() => undefined);
    this.#attend = null;
  }

  /** Stays in its fault until it is taken out: only then may the bay be used again. */
  async #fail(error: unknown, driver: RecorderDriver, signal: AbortSignal): Promise<void> {
    const code = errorCode(error);
    if (signal.aborted || code === "recorder-gone") return;
    const detail = error instanceof AgentError ? error.place : String(error);
    this.#parts.log.warn({ bay: this.#options.bay, code, detail }, "docking failed");
    this.#to({ kind: code === "not-a-recorder" ? "refused" : "fault", code, detail }, driver);
    await aborted(signal);
  }

  #emptying(driver: RecorderDriver, signal: AbortSignal): Emptying {
    const { serial } = (this.#introduced as Introduced).identity;
    return {
      bay: this.#options.bay,
      serial,
      driver,
      book: this.#book,
      parts: this.#parts,
      wearer: () => this.wearer,
      isPreferred: this.#options.isPreferred,
      to: (state) => {
        this.#underWay.clear();
        if (!signal.aborted) this.#to(state, driver);
      },
      onProgress: (path, doneBytes) => {
        if (doneBytes === 0) this.#underWay.delete(path);
        else this.#underWay.set(path, doneBytes);
      },
    };
  }

  /** Digest of the stored list of the card's files, as they stand now. */
  async #signInventory(serial: string): Promise<string> {
    const { bay } = this.#options;
    const text = inventoryText(bay, serial, this.#book);
    if (this.#inventory?.text === text) return this.#inventory.digest;
    const about = { type: "dock.inventory", bay, serial, mime: "application/json" } as const;
    const { digest } = await this.#parts.writer.appendMedia(about, [Buffer.from(text)]);
    this.#inventory = { text, digest };
    return digest;
  }

  #order(): { isKnown: boolean; isOrdered: boolean } {
    return { isKnown: this.#isKnown, isOrdered: this.#isOrdered };
  }

  #about({ identity, driver }: Introduced) {
    return { bay: this.#options.bay, serial: identity.serial, model: identity.model, driver };
  }

  #to(state: BayState, driver: RecorderDriver | null): void {
    const before = this.#state;
    if (!mayFollow(before.kind, state.kind)) {
      throw new AgentError("bay-order", `bay ${this.#options.bay}: ${state.kind} after ${before.kind}`);
    }
    this.#state = state;
    this.#options.onState(state);
    const lamp = lampOf(state);
    if (driver?.capabilities.has("lamp") !== true || lamp === lampOf(before)) return;
    // a lamp that stays dark keeps nobody from anything
    driver.showLamp(lamp, AbortSignal.timeout(LAMP_MS)).catch(() => this.#parts.counters.add("dock-lamp"));
  }
}

import { AgentError, errorCode } from "../../config/base/errors.ts";
import type {
  BatteryLevel,
  RecorderDriver,
  SyncingStanding,
} from "../../drivers/recorders/recorder-driver.ts";
import { accountOf, inventoryText } from "./account.ts";
import { type BayState, type KeepReason, lampOf, mayFollow, type Want } from "./bay-state.ts";
import { CardBook } from "./card-book.ts";
import type { DockingParts } from "./docking-parts.ts";
import type { Emptying } from "./emptying.ts";
import { importAll } from "./importing.ts";
import { askPatiently, batteryOf, type Introduced, settleClock, wearerOf } from "./introduction.ts";
import { awaitReceipts, reasonsToKeep, wipe } from "./wiping.ts";

/** How a link to a recorder ended. */
export type LinkEnd =
  /** It was taken out, or what it said was of no use and then it was taken out. */
  | { kind: "taken" }
  /** It comes back as a disk: go on with `run` on the new link. */
  | { kind: "switched" };

export interface DockingOptions {
  readonly bay: string;
  /** Who has it, as told by the command line or a badge; asked anew when it matters. */
  readonly toldWearer: () => string | undefined;
  readonly isPreferred: (path: string) => boolean;
  readonly onState: (state: BayState) => void;
}

const TEND_MS = 30_000;
const LAMP_MS = 5_000;

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

  /** The recorder is out: signs what this docking knows, and who took it, if somebody said so. */
  async end(reason: string): Promise<void> {
    const { bay } = this.#options;
    const introduced = this.#introduced;
    if (introduced !== null) {
      const { writer } = this.#parts;
      const { serial } = introduced.identity;
      const inventory = await this.#signInventory(serial);
      await writer.append({ ...accountOf(bay, serial, this.#book), inventory });
      const taker = this.#taker === null ? {} : { wearer: this.#taker };
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
    const introduced = this.#introduced;
    if (introduced === null) return undefined;
    const { serial } = introduced.identity;
    return introduced.wearer?.id ?? this.#options.toldWearer() ?? this.#parts.memory.lastWearer(serial);
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
    await writer.append({ type: "dock.attach", ...this.#about(this.#introduced), ...by });
    this.#to({ kind: "recognised", known: this.#isKnown }, driver);
    if (!driver.capabilities.has("clock-read") && !driver.capabilities.has("clock-set")) return;
    this.#to({ kind: "setting-clock" }, driver);
    const finding = await settleClock(driver, this.#parts, signal);
    this.#introduced.clock = finding;
    if (finding === null) return;
    const { offsetMs, isOnTime } = finding;
    await writer.append({
      type: "dock.clock",
      bay: this.#options.bay,
      serial: identity.serial,
      dock_utc_ms: clock.utcMs(),
      ...(offsetMs === null ? {} : { offset_ms: Math.round(offsetMs) }),
      on_time: isOnTime,
    });
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
    await importAll(work, signal);
    const totals = this.#book.totals();
    if (totals.failed === 0 && totals.files > totals.wiped) {
      // receipts come for media: the one for this document covers every stop before it
      await this.#signInventory(work.serial);
      await awaitReceipts(work, signal);
    }
    let reasons = reasonsToKeep(work, this.#order());
    if (reasons.length === 0 && totals.files > totals.wiped) reasons = await wipe(work, signal);
    await this.#tend(driver, signal, async () => {
      if (reasons.length > 0 && this.#isOrdered && reasonsToKeep(work, this.#order()).length === 0) {
        reasons = await wipe(work, signal);
      }
      return reasons;
    });
  }

  /** Until it is taken: looks at the battery, and does what a person orders. */
  async #tend(
    driver: RecorderDriver,
    signal: AbortSignal,
    reasons: () => KeepReason[] | Promise<KeepReason[]>,
  ): Promise<void> {
    while (!signal.aborted) {
      await this.#tellTaker(driver, signal);
      const keep = await reasons();
      const state =
        keep.length > 0 ? { kind: "kept" as const, reasons: keep } : await this.#readiness(driver, signal);
      this.#to(state, driver);
      await this.#pause(signal);
    }
  }

  async #tellTaker(driver: RecorderDriver, signal: AbortSignal): Promise<void> {
    const id = this.#taker;
    if (id === null || this.#isTakerTold || !driver.capabilities.has("wearer-write")) return;
    this.#isTakerTold = true;
    await askPatiently(() => driver.writeWearer({ id }, signal), this.#parts, signal);
  }

  /** Where a recorder stands that has no file to give, or none any more. */
  async #readiness(driver: RecorderDriver, signal: AbortSignal): Promise<BayState> {
    const standing = await driver.standing?.(signal);
    this.#standing = standing ?? null;
    if (standing !== undefined && standing.backlogEntries > 0) return { kind: "awaiting-receipts" };
    const wants = await this.#wants(driver, signal);
    if (standing?.isRecording === true) wants.push("recording");
    return wants.length === 0 ? { kind: "ready" } : { kind: "cleared", wants };
  }

  async #wants(driver: RecorderDriver, signal: AbortSignal): Promise<Want[]> {
    const introduced = this.#introduced as Introduced;
    const { policy } = this.#parts;
    introduced.battery = (await batteryOf(driver, this.#parts, signal)) ?? introduced.battery;
    const isCharged = ({ percent }: BatteryLevel) => percent >= policy.minBatteryPct;
    const wants: Want[] = [];
    const { clock, battery } = introduced;
    if (clock === null ? !policy.readyWithout.includes("clock") : !clock.isOnTime) wants.push("clock");
    if (battery === null ? !policy.readyWithout.includes("battery") : !isCharged(battery))
      wants.push("battery");
    return wants;
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
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
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
      onProgress: (path, doneBytes) => this.#underWay.set(path, doneBytes),
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

/** The evidence writer's end, after which nothing more can be signed. */
const WRITER_ENDS = new Set(["thread-died", "thread-ended", "ledger-closed"]);

function isEndOfWriter(error: unknown): boolean {
  return WRITER_ENDS.has(errorCode(error));
}

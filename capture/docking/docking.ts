import { aborted } from "../../config/base/deadline.ts";
import { AgentError, errorCode } from "../../config/base/errors.ts";
import type { RecorderDriver, SyncingStanding } from "../../drivers/recorders/recorder-driver.ts";
import { accountOf } from "./account/account.ts";
import { Inventory } from "./account/inventory.ts";
import { type BayState, endedBy, lampOf, mayFollow } from "./bay-state.ts";
import { CardBook } from "./card/card-book.ts";
import { changeAlarm } from "./card/comparing.ts";
import type { Emptying } from "./card/emptying.ts";
import type { DockingOptions, DockingParts } from "./docking-parts.ts";
import { askPatiently, batteryOf, type Introduced, settleClock, wearerOf } from "./introduction.ts";
import { isEndOfWriter, whenThereIsRoom } from "./room.ts";
import { emptyRecorder } from "./rounds.ts";
import { Tending } from "./tending.ts";

/** How a link to a recorder ended. */
export type LinkEnd =
  /** It was taken out, or what it said was of no use and then it was taken out. */
  | { kind: "taken" }
  /** It comes back as a disk: go on with `run` on the new link. */
  | { kind: "switched" };

const LAMP_MS = 5_000;

/** One recorder in one bay, from insertion to removal (architecture, "The way of the data"). */
export class Docking {
  readonly #parts: DockingParts;
  readonly #options: DockingOptions;
  readonly #book = new CardBook();
  readonly #inventory = new Inventory();
  readonly #tending: Tending;
  readonly #underWay = new Map<string, number>();
  #introduced: Introduced | null = null;
  #isKnown = false;
  #state: BayState = { kind: "empty" };
  #isAccounted = false;
  /** What the disk calls itself that it came back as. */
  #disk: string | null = null;
  #isOtherDisk = false;
  /** Of its `dock.attach`. */
  #sinceSeq = 0;

  constructor(parts: DockingParts, options: DockingOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#tending = new Tending(parts);
  }

  /**
   * Does what is to be done over one link; `signal` aborts when it is pulled. Never throws for what a
   * recorder does: only the writer's end comes through.
   */
  async run(driver: RecorderDriver, signal: AbortSignal): Promise<LinkEnd> {
    try {
      if (this.#introduced === null) await this.#introduce(driver, signal);
      else await this.#comeBack(driver, this.#introduced.identity.serial, signal);
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
      const next = this.#tending.taker ?? (reason === "shutdown" ? this.wearer : undefined);
      const taker = next === undefined ? {} : { wearer: next };
      await writer.append({ type: "dock.detach", ...this.#about(introduced), ...taker, reason });
    }
    this.#parts.alarms.clear(this.#diskAlarm);
    this.#parts.alarms.clear(changeAlarm(this.#options.bay));
    this.#to({ kind: "empty" }, null);
  }

  /** A person says that the recorder may be wiped, once it is safe to. */
  orderWipe(): void {
    this.#tending.orderWipe();
  }

  /** Who takes it next: written into the recorder where it can be, and signed when it is taken. */
  handOut(wearer: string): void {
    this.#tending.handOut(wearer);
  }

  get state(): BayState {
    return this.#state;
  }

  get introduced(): Introduced | null {
    return this.#introduced;
  }

  /** What a recorder that syncs by itself said last; null: this one does not. */
  get standing(): SyncingStanding | null {
    return this.#tending.standing;
  }

  /** False while another recorder of its serial is docked. */
  get isAlone(): boolean {
    return this.#introduced === null || this.#parts.presence.isAlone(this.#introduced.identity.serial);
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
    await this.#enter(identity.serial, signal);
    this.#isKnown = memory.isKnown(identity.serial);
    const wearer = await wearerOf(driver, this.#parts, signal);
    const battery = await batteryOf(driver, this.#parts, signal);
    this.#introduced = { identity, driver: driver.name, wearer, battery, clock: null };
    const had = this.wearer;
    const by = had === undefined ? {} : { wearer: had };
    const attach = { type: "dock.attach", ...this.#about(this.#introduced), ...by } as const;
    this.#sinceSeq = (await whenThereIsRoom(() => writer.append(attach), clock, signal)).seq;
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

  /** As a disk, which is to be this recorder's: one that never was before is imported, and told. */
  async #comeBack(driver: RecorderDriver, serial: string, signal: AbortSignal): Promise<void> {
    const { memory, writer, alarms, clock } = this.#parts;
    const { bay } = this.#options;
    await this.#enter(serial, signal);
    const { serial: disk } = await askPatiently(() => driver.identify(signal), this.#parts, signal);
    this.#disk = disk;
    const before = memory.disksOf(serial);
    this.#isOtherDisk = before.length > 0 && !before.includes(disk);
    if (!this.#isOtherDisk) return;
    alarms.raise(this.#diskAlarm, `${serial}: ${disk}`);
    const doubt = { type: "dock.doubt", bay, serial, code: "other-disk", disk } as const;
    await whenThereIsRoom(() => writer.append(doubt), clock, signal);
  }

  get #diskAlarm(): string {
    return `other-disk-${this.#options.bay}`;
  }

  /** Throws `recorder-twice` if another recorder of this serial is docked. */
  async #enter(serial: string, signal: AbortSignal): Promise<void> {
    const { presence, writer, clock, counters } = this.#parts;
    const { bay } = this.#options;
    const other = presence.enter(serial, bay, signal);
    if (other === null) return;
    counters.add("recorder-twice");
    const doubt = { type: "dock.doubt", bay, serial, code: "recorder-twice", other } as const;
    await whenThereIsRoom(() => writer.append(doubt), clock, signal);
    throw new AgentError("recorder-twice", `${serial} is in bay ${other}`);
  }

  async #empty(driver: RecorderDriver, signal: AbortSignal): Promise<void> {
    const introduced = this.#introduced as Introduced;
    const tending = this.#tending;
    if (!driver.capabilities.has("files")) {
      const to = (state: BayState) => this.#to(state, driver);
      return await tending.tend(driver, introduced, { reasons: async () => [], to }, signal);
    }
    const work = this.#emptying(driver, signal);
    const trust = { isKnown: this.#isKnown, isOtherDisk: this.#isOtherDisk };
    const signInventory = () => this.#signInventory(work.serial);
    await emptyRecorder({ work, introduced, trust, tending, signInventory }, signal);
  }

  /** Stays in its fault until it is taken out: only then may the bay be used again. */
  async #fail(error: unknown, driver: RecorderDriver, signal: AbortSignal): Promise<void> {
    const code = errorCode(error);
    if (signal.aborted || code === "recorder-gone") return;
    const detail = error instanceof AgentError ? error.place : String(error);
    this.#parts.log.warn({ bay: this.#options.bay, code, detail }, "docking failed");
    this.#to(endedBy(code, detail), driver);
    await aborted(signal);
  }

  #emptying(driver: RecorderDriver, signal: AbortSignal): Emptying {
    const { serial } = (this.#introduced as Introduced).identity;
    return {
      bay: this.#options.bay,
      serial,
      driver,
      sinceSeq: this.#sinceSeq,
      book: this.#book,
      parts: this.#parts,
      wearer: () => this.wearer,
      preferred: this.#options.preferred,
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
    return await this.#inventory.sign(
      { bay, serial, book: this.#book, disk: this.#disk },
      this.#parts.writer,
    );
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

import type { RecorderDriver, SyncingStanding } from "../../drivers/recorders/recorder-driver.ts";
import type { BayState, KeepReason } from "./bay-state.ts";
import type { DockingParts } from "./docking-parts.ts";
import { askPatiently, type Introduced, orNull, wantsOf } from "./introduction.ts";

const TEND_MS = 30_000;

/** A recorder that stands in its bay with nothing left to import: how it stands, and what people order of it. */
export class Tending {
  readonly #parts: DockingParts;
  #isWipeOrdered = false;
  #taker: string | null = null;
  #isTakerTold = true;
  #standing: SyncingStanding | null = null;
  #attend: (() => void) | null = null;

  constructor(parts: DockingParts) {
    this.#parts = parts;
  }

  /** A person says that the recorder may be wiped, once it is safe to. */
  orderWipe(): void {
    this.#isWipeOrdered = true;
    this.#attend?.();
  }

  /** Who takes it next: written into the recorder where it can be. */
  handOut(wearer: string): void {
    this.#taker = wearer;
    this.#isTakerTold = false;
    this.#attend?.();
  }

  get isWipeOrdered(): boolean {
    return this.#isWipeOrdered;
  }

  get taker(): string | null {
    return this.#taker;
  }

  /** What a recorder that syncs by itself said last; null: this one does not. */
  get standing(): SyncingStanding | null {
    return this.#standing;
  }

  /** Until it is taken, or `reasons` answers null: looks at the battery, and does what a person orders. */
  async tend(
    driver: RecorderDriver,
    introduced: Introduced,
    { reasons, to }: { reasons: () => Promise<KeepReason[] | null>; to: (state: BayState) => void },
    signal: AbortSignal,
  ): Promise<void> {
    while (!signal.aborted) {
      await this.#tellTaker(driver, signal);
      const keep = await reasons();
      if (keep === null) return;
      to(
        keep.length > 0 ? { kind: "kept", reasons: keep } : await this.#readiness(driver, introduced, signal),
      );
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
  async #readiness(driver: RecorderDriver, introduced: Introduced, signal: AbortSignal): Promise<BayState> {
    const standing = await askPatiently(async () => driver.standing?.(signal), this.#parts, signal);
    this.#standing = standing ?? null;
    if (standing !== undefined && standing.backlogEntries > 0) return { kind: "awaiting-receipts" };
    const wants = await wantsOf(driver, introduced, this.#parts, signal);
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
}

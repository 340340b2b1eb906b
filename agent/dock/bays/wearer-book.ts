import type { Clock } from "../../../config/base/clock.ts";

/** A badge counts for the recorder that is put in or taken out within this time of it. */
const BADGE_MS = 60_000;

/**
 * Who has which recorder, as people say it: on the command line, or with a badge. Only for dockings that go
 * on; what was signed is the ledger's to remember.
 */
export class WearerBook {
  readonly #clock: Clock;
  readonly #told = new Map<string, string>();
  #badge: { wearer: string; monoUs: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Somebody says who had the recorder in a bay. */
  tell(bay: string, wearer: string): void {
    this.#told.set(bay, wearer);
  }

  /** A badge was read: whose recorder it is shows when one is put in or taken out. */
  read(wearer: string): void {
    this.#badge = { wearer, monoUs: this.#clock.monoUs() };
  }

  told(bay: string): string | undefined {
    return this.#told.get(bay);
  }

  /** The badge that was read a moment ago; it counts once. */
  takeBadge(): string | undefined {
    const badge = this.#badge;
    this.#badge = null;
    if (badge === null || this.#clock.monoUs() - badge.monoUs > BADGE_MS * 1000) return undefined;
    return badge.wearer;
  }

  /** The docking in a bay is over. */
  forget(bay: string): void {
    this.#told.delete(bay);
  }
}

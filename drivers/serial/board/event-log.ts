import type { Alive } from "./messages/messages.ts";

/** A board keeps at most 8 events that nobody took; so many later ones may come before a repeat. */
const REMEMBERED = 32;

/**
 * Which events of a board have arrived already, over unplugging and replugging: a repeated press is one press.
 * A board that was started anew counts from the beginning.
 */
export class EventLog {
  #bootId: number | null = null;
  #seen: number[] = [];
  #lost = 0;

  startedAs(bootId: number): void {
    if (this.#bootId === bootId) return;
    this.#bootId = bootId;
    this.#seen = [];
    this.#lost = 0;
  }

  /** Whether the event is a new one; from then on it is not. */
  isNew(seq: number): boolean {
    if (this.#seen.includes(seq)) return false;
    this.#seen.push(seq);
    if (this.#seen.length > REMEMBERED) this.#seen.shift();
    return true;
  }

  /** How many more events are lost than was known. */
  newlyLost({ eventsLost }: Alive): number {
    const more = Math.max(0, eventsLost - this.#lost);
    this.#lost = Math.max(this.#lost, eventsLost);
    return more;
  }
}

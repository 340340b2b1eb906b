/** A file, or everything of one recorder. */
export interface Preferred {
  serial: string;
  path?: string;
}

/** More at once would be no preference. */
const MAX_PREFERRED = 64;

/** What was moved to the front: who came last stands first. */
export class Preferences {
  /** The oldest first. */
  readonly #ranks = new Map<string, number>();
  #next = 1;

  get isEmpty(): boolean {
    return this.#ranks.size === 0;
  }

  prefer(which: Preferred): void {
    this.forget(which);
    this.#ranks.set(keyOf(which), this.#next++);
    const [oldest] = this.#ranks.keys();
    if (this.#ranks.size > MAX_PREFERRED && oldest !== undefined) this.#ranks.delete(oldest);
  }

  forget(which: Preferred): void {
    this.#ranks.delete(keyOf(which));
  }

  /** The higher, the sooner; 0 for what nobody prefers. */
  rank(who: Preferred): number {
    if (this.isEmpty) return 0;
    const ofRecorder = this.#ranks.get(keyOf({ serial: who.serial })) ?? 0;
    return Math.max(ofRecorder, this.#ranks.get(keyOf(who)) ?? 0);
  }
}

function keyOf({ serial, path }: Preferred): string {
  return path === undefined ? serial : `${serial}\n${path}`;
}

/** A file, or everything of one recorder. */
export interface Preferred {
  serial: string;
  path?: string;
}

/** More at once would be no preference. */
const MAX_PREFERRED = 64;

/** What was moved to the front: who came last stands first. */
export class Preferences {
  readonly #keys: string[] = [];

  prefer(which: Preferred): void {
    this.forget(which);
    this.#keys.push(keyOf(which));
    if (this.#keys.length > MAX_PREFERRED) this.#keys.shift();
  }

  forget(which: Preferred): void {
    const at = this.#keys.indexOf(keyOf(which));
    if (at >= 0) this.#keys.splice(at, 1);
  }

  /** The higher, the sooner; 0 for what nobody prefers. */
  rank({ serial, path }: Preferred): number {
    const ofFile = path === undefined ? -1 : this.#keys.indexOf(keyOf({ serial, path }));
    return 1 + Math.max(ofFile, this.#keys.indexOf(keyOf({ serial })));
  }
}

function keyOf({ serial, path }: Preferred): string {
  return JSON.stringify(path === undefined ? [serial] : [serial, path]);
}

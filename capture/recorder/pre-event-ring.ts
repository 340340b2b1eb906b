import type { LiveFragment } from "../live/live-fragment.ts";

/**
 * The last seconds before activation, in RAM. Drops whole groups of pictures, oldest first, so that
 * it starts with a keyframe: it holds at least `spanMs` once that much has come, and at most one
 * group more. `maxBytes` is never exceeded, if need be by holding less.
 */
export class PreEventRing {
  readonly #spanUs: number;
  readonly #maxBytes: number;
  #fragments: LiveFragment[] = [];
  #bytes = 0;
  #dropped = 0;

  constructor(spanMs: number, maxBytes: number) {
    this.#spanUs = spanMs * 1000;
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Fragments that were dropped because of `maxBytes`, since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Media time held, µs. */
  get spanUs(): number {
    const first = this.#fragments[0];
    const last = this.#fragments.at(-1);
    return first === undefined || last === undefined ? 0 : last.toUs - first.fromUs;
  }

  /** Oldest first; starts with a keyframe. */
  get fragments(): readonly LiveFragment[] {
    return this.#fragments;
  }

  push(fragment: LiveFragment): void {
    if (this.#fragments.length === 0 && !fragment.key) return;
    this.#fragments.push(fragment);
    this.#bytes += fragment.fragment.bytes;
    while (this.#bytes > this.#maxBytes) this.#dropped += this.#dropGroup();
    for (let next = this.#nextGroup(); next > 0 && this.#spansFrom(next); next = this.#nextGroup())
      this.#dropGroup();
  }

  clear(): void {
    this.#fragments = [];
    this.#bytes = 0;
  }

  /** Index of the second group's keyframe; -1: there is only one group. */
  #nextGroup(): number {
    return this.#fragments.findIndex((fragment, index) => index > 0 && fragment.key);
  }

  #spansFrom(index: number): boolean {
    const first = this.#fragments[index] as LiveFragment;
    return (this.#fragments.at(-1) as LiveFragment).toUs - first.fromUs >= this.#spanUs;
  }

  #dropGroup(): number {
    const next = this.#nextGroup();
    const dropped = this.#fragments.splice(0, next === -1 ? this.#fragments.length : next);
    for (const { fragment } of dropped) this.#bytes -= fragment.bytes;
    return dropped.length;
  }
}

/** Counts of things that went wrong or were refused, by code: every loss has a counter. */
export class Counters {
  readonly #counts = new Map<string, number>();

  add(code: string, by = 1): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + by);
  }

  get(code: string): number {
    return this.#counts.get(code) ?? 0;
  }

  /** All counts, keys sorted. */
  snapshot(): Record<string, number> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

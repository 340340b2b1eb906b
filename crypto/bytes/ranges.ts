import { AgentError } from "../../config/base/errors.ts";

/** `[from, to)` with from < to. */
export type Range = readonly [from: number, to: number];

/**
 * A set of non-negative integers as a list of ranges: sorted, disjoint, non-adjacent
 * (ledger-format, notation). Adding in rising order costs O(1), elsewhere O(ranges).
 */
export class RangeSet {
  readonly #ranges: [number, number][] = [];

  static of(ranges: Iterable<Range>): RangeSet {
    const set = new RangeSet();
    for (const [from, to] of ranges) set.add(from, to);
    return set;
  }

  /**
   * Reads a list of ranges from outside: at most `limit`, sorted, disjoint, non-adjacent.
   * Throws `bad-ranges`.
   */
  static parse(value: unknown, limit: number): RangeSet {
    if (!Array.isArray(value) || value.length > limit)
      throw new AgentError("bad-ranges", "not a list, or too long");
    const set = new RangeSet();
    let previousTo = -1;
    for (const range of value) {
      if (!Array.isArray(range) || range.length !== 2) throw new AgentError("bad-ranges", "not a pair");
      const [from, to] = range;
      if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from <= previousTo || from >= to) {
        throw new AgentError("bad-ranges", `[${from},${to}) after ${previousTo}`);
      }
      set.#ranges.push([from, to]);
      previousTo = to;
    }
    return set;
  }

  add(from: number, to: number): void {
    if (from >= to) return;
    const ranges = this.#ranges;
    const start = this.#firstEndingAtOrAfter(from);
    let end = start;
    while (end < ranges.length && (ranges[end] as Range)[0] <= to) {
      from = Math.min(from, (ranges[end] as Range)[0]);
      to = Math.max(to, (ranges[end] as Range)[1]);
      end++;
    }
    if (start === ranges.length) ranges.push([from, to]);
    else ranges.splice(start, end - start, [from, to]);
  }

  has(value: number): boolean {
    return this.covers(value, value + 1);
  }

  /** True if every integer of `[from, to)` is in the set. */
  covers(from: number, to: number): boolean {
    if (from >= to) return true;
    const range = this.#ranges[this.#firstEndingAtOrAfter(from + 1)];
    return range !== undefined && range[0] <= from && to <= range[1];
  }

  /** The parts of `[from, to)` that are not in the set. */
  missing(from: number, to: number): RangeSet {
    const gaps = new RangeSet();
    let at = from;
    for (let i = this.#firstEndingAtOrAfter(from); i < this.#ranges.length && at < to; i++) {
      const [start, end] = this.#ranges[i] as Range;
      gaps.add(at, Math.min(start, to));
      at = Math.max(at, end);
    }
    gaps.add(at, to);
    return gaps;
  }

  get count(): number {
    return this.#ranges.length;
  }

  /** How many integers are in the set. */
  get size(): number {
    return this.#ranges.reduce((sum, [from, to]) => sum + (to - from), 0);
  }

  *[Symbol.iterator](): Generator<Range> {
    yield* this.#ranges;
  }

  /** Index of the first range whose end is ≥ value (so adjacent ranges merge). */
  #firstEndingAtOrAfter(value: number): number {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ranges[middle] as Range)[1] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  toJSON(): Range[] {
    return this.#ranges.map(([from, to]) => [from, to] as const);
  }
}

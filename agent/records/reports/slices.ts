import type { TimeSpan } from "../../../crypto/ledger/db/tables/report/report-index.ts";
import type { Slot } from "./period.ts";
import type { Report, Slice } from "./report-types.ts";
import { Tally } from "./tally.ts";

/** Whom something is counted for; null: for none of that sort. */
export interface Belonging {
  units: readonly (string | null)[];
  officers: readonly (string | null)[];
  kind: string | null;
}

export interface Only {
  unit?: string;
  officer?: string;
  kind?: string;
}

/** Every slice of a report: what is counted goes into each that it belongs to. */
export class Slices {
  readonly span: TimeSpan;
  readonly total = new Tally();
  readonly #units = new Map<string | null, Tally>();
  readonly #officers = new Map<string | null, Tally>();
  readonly #kinds = new Map<string | null, Tally>();
  readonly #slots: readonly { slot: Slot; tally: Tally }[];
  readonly #only: Only;

  constructor(span: TimeSpan, slots: readonly Slot[], only: Only) {
    this.span = span;
    this.#slots = slots.map((slot) => ({ slot, tally: new Tally() }));
    this.#only = only;
  }

  takes({ units, officers, kind }: Belonging): boolean {
    const { unit, officer, kind: wanted } = this.#only;
    return (
      (unit === undefined || units.includes(unit)) &&
      (officer === undefined || officers.includes(officer)) &&
      (wanted === undefined || kind === wanted)
    );
  }

  /** What no officer and no kind has is counted only where neither is asked for. */
  takesOfLedger(unit: string | null): boolean {
    const { officer, kind } = this.#only;
    return (
      officer === undefined && kind === undefined && this.takes({ units: [unit], officers: [], kind: null })
    );
  }

  /** The whole and each of whom it belongs to. */
  of({ units, officers, kind }: Belonging): Tally[] {
    return [
      this.total,
      ...units.map((unit) => at(this.#units, unit)),
      ...officers.map((officer) => at(this.#officers, officer)),
      at(this.#kinds, kind),
    ];
  }

  /** The whole and its unit. */
  ofLedger(unit: string | null): Tally[] {
    return [this.total, at(this.#units, unit)];
  }

  /** The slot that a moment lies in; null: outside the period. */
  slotAt(ms: number): Tally | null {
    return this.#slots[this.#indexAt(ms)]?.tally ?? null;
  }

  /** The parts of `[fromMs, toMs)` that lie in slots, each with its slot. */
  *parts(fromMs: number, toMs: number): Generator<{ fromMs: number; toMs: number; tally: Tally }> {
    const first = Math.max(0, this.#indexAt(Math.max(fromMs, this.span.fromMs)));
    for (let i = first; i < this.#slots.length; i++) {
      const { slot, tally } = this.#slots[i] as { slot: Slot; tally: Tally };
      if (slot.fromMs >= toMs) return;
      const [start, end] = [Math.max(fromMs, slot.fromMs), Math.min(toMs, slot.toMs)];
      if (start < end) yield { fromMs: start, toMs: end, tally };
    }
  }

  result(): Pick<Report, "total" | "units" | "officers" | "kinds"> & {
    slots: Report["over_time"]["slots"];
  } {
    const { officer, kind } = this.#only;
    const ofLedgers = officer === undefined && kind === undefined;
    return {
      total: this.total.figures(ofLedgers),
      units: listed(this.#units, ofLedgers),
      officers: listed(this.#officers, false),
      kinds: listed(this.#kinds, false),
      slots: this.#slots.map(({ slot: { from, to }, tally }) => ({
        from,
        to,
        figures: tally.figures(ofLedgers),
      })),
    };
  }

  /** -1 before the first, the number of slots after the last. */
  #indexAt(ms: number): number {
    let low = 0;
    let high = this.#slots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#slots[middle]?.slot.toMs ?? 0) <= ms) low = middle + 1;
      else high = middle;
    }
    return ms < this.span.fromMs ? -1 : low;
  }
}

function at(tallies: Map<string | null, Tally>, id: string | null): Tally {
  const known = tallies.get(id);
  if (known !== undefined) return known;
  const tally = new Tally();
  tallies.set(id, tally);
  return tally;
}

/** By id, what belongs to none last. */
function listed(tallies: ReadonlyMap<string | null, Tally>, ofLedgers: boolean): Slice[] {
  return [...tallies]
    .sort(([a], [b]) => (a === null ? 1 : b === null ? -1 : a < b ? -1 : 1))
    .map(([id, tally]) => ({ ...(id === null ? {} : { id }), figures: tally.figures(ofLedgers) }));
}

import type { Counters } from "../../../config/base/counters.ts";
import { errorCode } from "../../../config/base/errors.ts";
import { type Reading, readSentence } from "./sentence.ts";

/** A place and how old it is; ledger-format §5 has it as `gnss` of a chunk. */
export interface GnssPosition {
  readonly lat_e7: number;
  readonly lon_e7: number;
  readonly acc_mm?: number;
  readonly age_ms: number;
}

/** The moment that it is, and by how much that may be wrong. */
export interface GnssTime {
  readonly utcMs: number;
  readonly uncMs: number;
}

export interface GnssTrackerOptions {
  /** Monotonic, µs. */
  readonly monoUs: () => number;
  /** Counts lines that could not be read, and dates that cannot be, by code. */
  readonly counters: Counters;
  /** An older fix is none. */
  readonly maxAgeMs?: number;
}

const MAX_AGE_MS = 10_000;
/** A sentence leaves up to this long after the moment that it states, and its first bytes wait for its last. */
const TIME_UNC_MS = 1_000;
/** So many moments in a row must have gone by as the monotonic clock does before one is believed. */
const AGREEING = 3;
/**
 * No true date lies outside of this. GPS counts weeks modulo 1,024: a receiver that mistakes the count is wrong
 * by 19.6 years, and one that has no date yet says 1980, 1999, 2000 or 2006.
 */
const EARLIEST_UTC_MS = Date.UTC(2026, 0, 1);
const LATEST_UTC_MS = EARLIEST_UTC_MS + 1024 * 7 * 86_400_000;
/** A satellite's range is known to about this; HDOP says how much the geometry makes of it. */
const RANGE_ERROR_MM = 5_000;

interface Fix {
  readonly atMonoUs: number;
  readonly latE7: number;
  readonly lonE7: number;
  readonly accMm: number | null;
}

/** What one moment's sentences said; they come in any order. */
interface Epoch {
  readonly at: string;
  vouched: boolean;
  place: Extract<Reading, { kind: "place" }>["place"];
  accMm: number | null;
}

/**
 * Where we are and what time it is, from the lines of a GNSS receiver. Pure but for the clock that it is given.
 * There is a position only while RMC says that the fix is valid and GGA of the same moment has one, and a time only
 * with such a fix and a date that can be true. Takes anything, throws nothing, and keeps no more than the last fix.
 */
export class GnssTracker {
  readonly #options: GnssTrackerOptions;
  readonly #maxAgeUs: number;
  #epoch: Epoch | null = null;
  #fix: Fix | null = null;
  #moment: { readonly atMonoUs: number; readonly utcMs: number; readonly agreeing: number } | null = null;

  constructor(options: GnssTrackerOptions) {
    this.#options = options;
    this.#maxAgeUs = (options.maxAgeMs ?? MAX_AGE_MS) * 1000;
  }

  /** Takes one line without its end. */
  take(line: string): void {
    try {
      const reading = readSentence(line);
      if (reading !== null) this.#follow(reading);
    } catch (error) {
      this.#options.counters.add(errorCode(error));
    }
  }

  /** Nothing comes from the receiver any more: what it said is no longer so. */
  lost(): void {
    this.#epoch = null;
    this.#fix = null;
    this.#moment = null;
  }

  /** null: no valid fix, or one that is too old. */
  position(): GnssPosition | null {
    const fix = this.#freshFix();
    if (fix === null) return null;
    return {
      lat_e7: fix.latE7,
      lon_e7: fix.lonE7,
      ...(fix.accMm === null ? {} : { acc_mm: fix.accMm }),
      age_ms: Math.floor((this.#options.monoUs() - fix.atMonoUs) / 1000),
    };
  }

  /** The moment of the call. null: no valid fix, or no date that is believed. */
  time(): GnssTime | null {
    const moment = this.#moment;
    if (moment === null || moment.agreeing < AGREEING || this.#freshFix() === null) return null;
    const ageUs = this.#options.monoUs() - moment.atMonoUs;
    if (ageUs > this.#maxAgeUs) return null;
    return { utcMs: Math.round(moment.utcMs + ageUs / 1000), uncMs: TIME_UNC_MS };
  }

  #freshFix(): Fix | null {
    const isFresh = this.#fix !== null && this.#options.monoUs() - this.#fix.atMonoUs <= this.#maxAgeUs;
    return isFresh ? this.#fix : null;
  }

  #follow(reading: Reading): void {
    if (this.#epoch?.at !== reading.at) {
      this.#epoch = { at: reading.at, vouched: false, place: null, accMm: null };
    }
    const epoch = this.#epoch;
    switch (reading.kind) {
      case "minimum":
        if (!reading.valid) {
          this.lost();
          return;
        }
        epoch.vouched = true;
        this.#followTime(reading.utcMs);
        break;
      case "place":
        if (reading.place === null) {
          this.lost();
          return;
        }
        epoch.place = reading.place;
        break;
      case "error":
        epoch.accMm = reading.accMm;
        break;
    }
    const { vouched, place } = epoch;
    if (!vouched || place === null) return;
    const accMm = epoch.accMm ?? (place.hdop === null ? null : Math.round(place.hdop * RANGE_ERROR_MM));
    this.#fix = { latE7: place.latE7, lonE7: place.lonE7, accMm, atMonoUs: this.#options.monoUs() };
  }

  #followTime(utcMs: number | null): void {
    if (utcMs === null || utcMs < EARLIEST_UTC_MS || utcMs >= LATEST_UTC_MS) {
      if (utcMs !== null) this.#options.counters.add("gnss-date");
      this.#moment = null;
      return;
    }
    const atMonoUs = this.#options.monoUs();
    const before = this.#moment;
    const agrees =
      before !== null &&
      utcMs > before.utcMs &&
      Math.abs(utcMs - before.utcMs - (atMonoUs - before.atMonoUs) / 1000) <= TIME_UNC_MS;
    this.#moment = { atMonoUs, utcMs, agreeing: agrees ? Math.min(before.agreeing + 1, AGREEING) : 1 };
  }
}

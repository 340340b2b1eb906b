import { GPS } from "gps";
import { AgentError } from "../../../config/base/errors.ts";
import { latitudeE7, longitudeE7 } from "./coordinate.ts";

/** What a sentence says. `at` is its time of day as it stands there: sentences of one fix have the same. */
export type Reading =
  /** Recommended minimum: whether the receiver vouches for its fix, and the moment of it. */
  | { readonly kind: "minimum"; readonly at: string; readonly valid: boolean; readonly utcMs: number | null }
  /** The position; null without a fix. */
  | { readonly kind: "place"; readonly at: string; readonly place: Place | null }
  /** Standard deviations of the position, together. */
  | { readonly kind: "error"; readonly at: string; readonly accMm: number };

/** Degrees × 10^7; `hdop` is the horizontal dilution of precision, where it is given. */
export interface Place {
  readonly latE7: number;
  readonly lonE7: number;
  readonly hdop: number | null;
}

/** GPS, GLONASS, Galileo, BeiDou under both its names, QZSS, NavIC, and several together. */
const OURS = /^\$(?:GP|GL|GA|GB|BD|GQ|QZ|GI|GN)(RMC|GGA|GST),/;
const SENTENCE = /^[$!][A-Z0-9]{3,15},/;
const TIME_OF_DAY = /^([01][0-9]|2[0-3])([0-5][0-9])([0-5][0-9])(?:\.[0-9]{1,9})?$/;
const DATE = /^([0-2][0-9]|3[01])(0[1-9]|1[0-2])[0-9]{2}$/;
/** What a receiver measured; not what it estimated, was told or simulates. */
const MEASURED_FIXES: ReadonlySet<string> = new Set(["fix", "dgps-fix", "pps-fix", "rtk", "rtk-float"]);
const MEASURED_MODES: ReadonlySet<string | null> = new Set([
  null,
  "autonomous",
  "differential",
  "precise",
  "rtk",
  "rtk-float",
]);
/** Beyond this an accuracy says nothing. */
const MAX_ACC_MM = 100_000_000;
const MAX_DOP = 100;

/**
 * Reads one line of NMEA 0183 without its end. null: a sentence that is not needed here. Throws `nmea-malformed`
 * or `nmea-checksum`; never with what stands in the line, which may be a position.
 *
 * The gps package checks the sum and the form. Coordinates and the date are read here: the package makes
 * floats of the first, and completes the second from the clock of this machine.
 */
export function readSentence(line: string): Reading | null {
  const type = OURS.exec(line)?.[1];
  if (type === undefined) {
    if (SENTENCE.test(line)) return null;
    throw malformed("sentence");
  }
  const parsed = parse(line, type);
  const fields = line.slice(0, line.lastIndexOf("*")).split(",");
  const at = fields[1] as string;
  // a receiver without any time yet
  if (at === "" && parsed.type !== "RMC") return null;
  if (at !== "" && !TIME_OF_DAY.test(at)) throw malformed(type);
  switch (parsed.type) {
    case "RMC": {
      const valid = parsed.status === "active" && MEASURED_MODES.has(parsed.faa);
      return {
        kind: "minimum",
        at,
        valid,
        utcMs: valid ? momentOf(at, fields[9] as string, parsed.time) : null,
      };
    }
    case "GGA": {
      const hasFix = parsed.quality !== null && MEASURED_FIXES.has(parsed.quality);
      return { kind: "place", at, place: hasFix ? placeOf(fields) : null };
    }
    case "GST": {
      const { latitudeError, longitudeError } = parsed;
      if (latitudeError === null || longitudeError === null) return null;
      const accMm = Math.round(Math.hypot(latitudeError, longitudeError) * 1000);
      if (!(accMm <= MAX_ACC_MM)) throw malformed(type);
      return { kind: "error", at, accMm };
    }
    default:
      return null;
  }
}

function parse(line: string, type: string): Exclude<ReturnType<typeof GPS.Parse>, false> {
  let parsed: ReturnType<typeof GPS.Parse>;
  try {
    parsed = GPS.Parse(line);
  } catch {
    // its message quotes the line
    throw malformed(type);
  }
  if (parsed === false) throw malformed(type);
  if (!parsed.valid) throw new AgentError("nmea-checksum", type);
  return parsed;
}

/** null: without a whole date and time there is no moment. */
function momentOf(at: string, date: string, parsed: Date | null): number | null {
  if (parsed === null || at === "" || !DATE.test(date)) return null;
  const utcMs = parsed.getTime();
  return Number.isFinite(utcMs) ? utcMs : null;
}

function placeOf(fields: readonly string[]): Place {
  const latE7 = latitudeE7(fields[2] as string, fields[3] as string);
  const lonE7 = longitudeE7(fields[4] as string, fields[5] as string);
  if (latE7 === null || lonE7 === null) throw malformed("GGA");
  const hdop = Number(fields[8] === "" ? Number.NaN : fields[8]);
  return { latE7, lonE7, hdop: hdop > 0 && hdop < MAX_DOP ? hdop : null };
}

function malformed(place: string): AgentError {
  return new AgentError("nmea-malformed", place);
}

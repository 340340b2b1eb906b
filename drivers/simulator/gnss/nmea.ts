/** What a GNSS receiver knows at one moment. */
export interface ToldFix {
  /** What its clock says; `dated` false: it has no date yet. */
  utcMs: number;
  dated: boolean;
  /** Null: no fix. */
  place: Place | null;
  knots: number;
  /** Degrees from north, clockwise. */
  course: number;
  /** Horizontal dilution of precision. */
  hdop: number;
  /** Standard deviation of the position in metres; null: it does not tell. */
  errorM: number | null;
}

/** Degrees; north and east are positive. */
export interface Place {
  latitude: number;
  longitude: number;
}

const MINUTE_STEPS = 100_000;

/** The sentences of one moment, NMEA 0183: RMC, GGA, and GST where an error is told; without their line ends. */
export function sentencesOf(fix: ToldFix): string[] {
  const { place, hdop, errorM } = fix;
  const [date, time] = momentText(fix.utcMs);
  const at = place === null ? ",,," : placeText(place);
  const motion = place === null ? "," : `${fix.knots.toFixed(2)},${fix.course.toFixed(1)}`;
  const minimum = `${place === null ? "V" : "A"},${at},${motion},${fix.dated ? date : ""},,`;
  const sentences = [
    `GNRMC,${time},${minimum},${place === null ? "N" : "A"}`,
    `GNGGA,${time},${at},${place === null ? "0,00,99.9,,M,,M" : `1,08,${hdop.toFixed(1)},44.1,M,-9.0,M`},,`,
  ];
  if (place !== null && errorM !== null) {
    const each = (errorM / Math.SQRT2).toFixed(3);
    sentences.push(`GNGST,${time},,,,,${each},${each},`);
  }
  return sentences.map(sentence);
}

/** `$`, a body, and its checksum. */
export function sentence(body: string): string {
  let sum = 0;
  for (const letter of body) sum ^= letter.charCodeAt(0);
  return `$${body}*${sum.toString(16).toUpperCase().padStart(2, "0")}`;
}

/** `ddmmyy` and `hhmmss.ss`. */
function momentText(utcMs: number): [string, string] {
  const iso = new Date(utcMs).toISOString();
  const [, year = "", month = "", day = "", hours, minutes, seconds] =
    /(\d\d)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d\.\d\d)/.exec(iso) ?? [];
  return [`${day}${month}${year}`, `${hours}${minutes}${seconds}`];
}

function placeText({ latitude, longitude }: Place): string {
  const north = `${angleText(latitude, 2)},${latitude < 0 ? "S" : "N"}`;
  return `${north},${angleText(longitude, 3)},${longitude < 0 ? "W" : "E"}`;
}

/** Whole degrees and minutes: `dddmm.mmmmm`. */
function angleText(degrees: number, digits: number): string {
  // whole steps first: minutes that are rounded by themselves may come to 60
  const steps = Math.round(Math.abs(degrees) * 60 * MINUTE_STEPS);
  const whole = Math.floor(steps / (60 * MINUTE_STEPS));
  const minutes = (steps - whole * 60 * MINUTE_STEPS) / MINUTE_STEPS;
  return `${String(whole).padStart(digits, "0")}${minutes.toFixed(5).padStart(8, "0")}`;
}

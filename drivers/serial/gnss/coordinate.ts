/** At most 9 decimals of minutes: what is finer than 10^-7 degrees is rounded away in whole numbers. */
const LATITUDE = /^([0-9]{2})([0-5][0-9])(?:\.([0-9]{0,9}))?$/;
const LONGITUDE = /^([0-9]{3})([0-5][0-9])(?:\.([0-9]{0,9}))?$/;

const SIGNS = {
  latitude: new Map([
    ["N", 1],
    ["S", -1],
  ]),
  longitude: new Map([
    ["E", 1],
    ["W", -1],
  ]),
} as const;

/** 60 minutes × 10^9, over 10^7: one unit of the result in units of 10^-9 minutes. */
const UNIT = 6_000n;

/** `ddmm.mmmm` and `N` or `S` (NMEA 0183) as degrees × 10^7, exact, halves away from zero. null: no latitude. */
export function latitudeE7(value: string, hemisphere: string): number | null {
  return signedE7(LATITUDE.exec(value), SIGNS.latitude.get(hemisphere), 90);
}

/** `dddmm.mmmm` and `E` or `W` as degrees × 10^7. null: no longitude. */
export function longitudeE7(value: string, hemisphere: string): number | null {
  return signedE7(LONGITUDE.exec(value), SIGNS.longitude.get(hemisphere), 180);
}

function signedE7(
  match: RegExpExecArray | null,
  sign: number | undefined,
  mostDegrees: number,
): number | null {
  if (match === null || sign === undefined) return null;
  const [, degrees, minutes, decimals] = match;
  const nanoMinutes = BigInt(`${minutes}${(decimals ?? "").padEnd(9, "0")}`);
  const e7 = Number(degrees) * 10_000_000 + Number((nanoMinutes + UNIT / 2n) / UNIT);
  if (e7 > mostDegrees * 10_000_000) return null;
  // never -0, which has no canonical form
  return e7 === 0 ? 0 : sign * e7;
}

import { sentence } from "../../../drivers/simulator/gnss/nmea.ts";

export interface ToldFix {
  readonly utcMs: number;
  /** As it stands in a sentence: `3954.2620,N` */
  readonly lat?: string;
  readonly lon?: string;
  readonly valid?: boolean;
  readonly hdop?: string;
  readonly talker?: string;
}

/** RMC and GGA of one moment. */
export function fixSentences({
  utcMs,
  lat = "3954.26204,N",
  lon = "11623.51270,E",
  valid = true,
  hdop = "0.9",
  talker = "GN",
}: ToldFix): string[] {
  const iso = new Date(utcMs).toISOString();
  const time = `${iso.slice(11, 13)}${iso.slice(14, 16)}${iso.slice(17, 23)}`;
  const date = `${iso.slice(8, 10)}${iso.slice(5, 7)}${iso.slice(2, 4)}`;
  return [
    sentence(`${talker}RMC,${time},${valid ? "A" : "V"},${lat},${lon},0.1,,${date},,,${valid ? "A" : "N"}`),
    sentence(`${talker}GGA,${time},${lat},${lon},${valid ? 1 : 0},08,${hdop},44.1,M,-9.0,M,,`),
  ];
}

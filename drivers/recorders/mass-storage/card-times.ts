import type { Volume } from "./mount/card.ts";

const MINUTE_MS = 60_000;
/** Latest time that a `Date` can show. */
const MAX_UTC_MS = 8.64e15;

/**
 * A file's time as UTC, whole ms; undefined where it is none. FAT keeps what the recorder's clock showed, in steps of
 * 2 s and without a zone (Microsoft FAT specification §6.2): it is read as `utcOffsetMin` ahead of UTC. It is a
 * claim either way.
 */
export function claimedTime(
  mtimeMs: number,
  times: Volume["times"],
  utcOffsetMin: number,
): number | undefined {
  const utcMs = Math.floor(mtimeMs) - (times === "local" ? utcOffsetMin * MINUTE_MS : 0);
  return utcMs >= 0 && utcMs <= MAX_UTC_MS ? utcMs : undefined;
}

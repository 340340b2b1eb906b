/** A size for people: `1.5 MiB`. */
export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 2 : 1)} ${units[unit]}`;
}

/** A length of time for people: `1:02:03`, or `2:03.4` below an hour. */
export function durationText(ms: number): string {
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = (ms / 1000) % 60;
  if (hours > 0) return `${hours}:${two(minutes)}:${two(Math.floor(seconds))}`;
  return `${minutes}:${(Math.floor(seconds * 10) / 10).toFixed(1).padStart(4, "0")}`;
}

/** A moment as `2026-01-02 03:04:05Z`: UTC, so that two readers in two places mean the same. */
export function momentText(utcMs: number): string {
  const date = new Date(utcMs);
  return Number.isNaN(date.getTime())
    ? String(utcMs)
    : `${date.toISOString().slice(0, 19).replace("T", " ")}Z`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

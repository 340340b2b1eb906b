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

/** The time of day of a moment, UTC, to the millisecond. */
export function clockText(utcMs: number): string {
  return new Date(utcMs).toISOString().slice(11, 23);
}

/** A short time for people, from µs: `840 µs`, `12.3 ms`, `1.25 s`. */
export function microsText(us: number): string {
  if (us < 1000) return `${us} µs`;
  if (us < 1_000_000) return `${(us / 1000).toFixed(us < 100_000 ? 1 : 0)} ms`;
  return `${(us / 1_000_000).toFixed(2)} s`;
}

/** Least / median / 95th percentile / most. */
export function spreadText(
  spread: { min_us: number; median_us: number; p95_us: number; max_us: number } | null,
  text: (us: number) => string,
): string {
  if (spread === null) return "-";
  const { min_us: min, median_us: median, p95_us: p95, max_us: max } = spread;
  return [min, median, p95, max].map(text).join(" / ");
}

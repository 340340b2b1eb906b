/** How durations are spread, in whole µs. */
export interface Spread {
  count: number;
  min_us: number;
  median_us: number;
  p95_us: number;
  max_us: number;
}

/** null: there is none to tell of. Percentiles by nearest rank. */
export function spreadOf(durationsUs: readonly number[]): Spread | null {
  const sorted = durationsUs.map(Math.round).sort((a, b) => a - b);
  const count = sorted.length;
  if (count === 0) return null;
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * count) - 1)] as number;
  return { count, min_us: rank(0), median_us: rank(0.5), p95_us: rank(0.95), max_us: rank(1) };
}

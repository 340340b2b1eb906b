/** Wall time of a synchronous piece of work, ms. */
export function timedMs(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** Wall time of an asynchronous piece of work, ms. */
export async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The middle value; of an even number of values the lower one. Throws on none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new RangeError("the median of nothing");
  return middle;
}

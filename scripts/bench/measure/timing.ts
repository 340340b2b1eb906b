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

/** The slope of the least-squares line through `[x, y]` points, in y per x. Throws on fewer than two. */
export function slope(points: readonly (readonly [number, number])[]): number {
  if (points.length < 2) throw new RangeError("the slope of less than two points");
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return covariance / variance;
}

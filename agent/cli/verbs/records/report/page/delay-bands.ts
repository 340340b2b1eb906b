import type { DelayStep } from "../../../../../records/reports/report-types.ts";

/** Delays that people tell apart. */
const EDGES_MS = [10_000, 60_000, 600_000, 3_600_000, 86_400_000];

export interface DelayBand {
  /** Null: longer than all others. */
  toMs: number | null;
  chunks: number;
}

/** The scale's fine steps in a few bands; a step across an edge is taken as spread evenly within it. */
export function delayBands(steps: readonly DelayStep[]): DelayBand[] {
  const edges = [0, ...EDGES_MS, Number.POSITIVE_INFINITY];
  return edges.slice(1).map((to, i) => {
    const from = edges[i] as number;
    const chunks = steps.reduce((sum, step) => {
      const width = step.to_ms - step.from_ms;
      const shared = Math.min(to, step.to_ms) - Math.max(from, step.from_ms);
      return sum + step.chunks * Math.max(0, shared / width);
    }, 0);
    return { toMs: Number.isFinite(to) ? to : null, chunks };
  });
}

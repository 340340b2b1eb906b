import { delayStepEdges } from "../../../crypto/ledger/db/tables/report/delay-scale.ts";
import type { DrawSum } from "../inspections/draw-sums.ts";
import type { ActivityFigures, CauseFigures, DelayStep, Figures, UploadFigures } from "./report-types.ts";

export type ActivityState = Exclude<keyof ActivityFigures, "opened">;

/** Adds up one slice of a report. */
export class Tally {
  recordings = 0;
  live = 0;
  unfinished = 0;
  recordedMs = 0;
  bytes = 0;
  chunks = 0;
  readonly purges = { count: 0, files: 0, bytes: 0 };
  readonly wipes = { count: 0, bytes: 0 };
  readonly inspections = { draws: 0, drawn: 0, in_order: 0, defects: 0, open: 0 };
  readonly #activities: ActivityFigures = {
    opened: 0,
    ...{ closed_complete: 0, closed_incomplete: 0, closed_unjudged: 0 },
    ...{ open_complete: 0, open_incomplete: 0, open_unjudged: 0 },
  };
  /** Chunks by step. */
  readonly #delays: number[] = [];
  readonly #gaps = new Map<string, CauseFigures>();

  addActivity(state: ActivityState): void {
    this.#activities.opened++;
    this.#activities[state]++;
  }

  /** Step, chunks, step, chunks … of the scale of delays. */
  addDelays(pairs: readonly number[]): void {
    for (let i = 0; i + 1 < pairs.length; i += 2) {
      const step = pairs[i] as number;
      this.#delays[step] = (this.#delays[step] ?? 0) + (pairs[i + 1] as number);
    }
  }

  /** A gap, or the part of one that lies in this slice; `count` 0: it was counted where it began. */
  addGap(cause: string, ms: number, count: number): void {
    const sum = this.#gaps.get(cause) ?? { cause, count: 0, ms: 0 };
    this.#gaps.set(cause, { cause, count: sum.count + count, ms: sum.ms + ms });
  }

  /** Steps of the scale of delays that hold something, the shortest first. */
  get delays(): DelayStep[] {
    const steps: DelayStep[] = [];
    for (const [step, chunks] of this.#delays.entries()) {
      if (chunks === undefined) continue;
      const { fromMs, toMs } = delayStepEdges(step);
      steps.push({ from_ms: Math.round(fromMs), to_ms: Math.round(toMs), chunks });
    }
    return steps;
  }

  addDraw({ drawn, inOrder, defects, open }: DrawSum): void {
    this.inspections.draws++;
    this.inspections.drawn += drawn;
    this.inspections.in_order += inOrder;
    this.inspections.defects += defects;
    this.inspections.open += open;
  }

  /** `ofLedgers`: the slice has purges, wipes and inspections of its own. */
  figures(ofLedgers: boolean): Figures {
    return {
      recordings: this.recordings,
      live: this.live,
      imported: this.recordings - this.live,
      unfinished: this.unfinished,
      recorded_ms: Math.round(this.recordedMs),
      bytes: this.bytes,
      activities: { ...this.#activities },
      upload: this.#upload(),
      gaps: [...this.#gaps.values()]
        .map((gap) => ({ ...gap, ms: Math.round(gap.ms) }))
        .sort((a, b) => b.ms - a.ms || (a.cause < b.cause ? -1 : 1)),
      ...(ofLedgers ? this.#ofLedgers() : {}),
    };
  }

  #ofLedgers(): Pick<Figures, "purges" | "wipes" | "inspections"> {
    return {
      purges: { ...this.purges },
      wipes: { ...this.wipes },
      inspections: { ...this.inspections },
    };
  }

  #upload(): UploadFigures {
    const steps = this.delays;
    const receipted = steps.reduce((sum, { chunks }) => sum + chunks, 0);
    const counts = { chunks: this.chunks, receipted };
    if (receipted === 0) return counts;
    return {
      ...counts,
      median_ms: quantile(steps, receipted, 0.5),
      p95_ms: quantile(steps, receipted, 0.95),
    };
  }
}

/** The delay that a share of all chunks does not exceed, taken as spread evenly within its step. */
function quantile(steps: readonly DelayStep[], total: number, share: number): number {
  let left = total * share;
  for (const { from_ms: fromMs, to_ms: toMs, chunks } of steps) {
    if (left <= chunks) return Math.round(fromMs + ((toMs - fromMs) * left) / chunks);
    left -= chunks;
  }
  return steps.at(-1)?.to_ms ?? 0;
}

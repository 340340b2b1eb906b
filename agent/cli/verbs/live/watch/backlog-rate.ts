import type { AgentStatus } from "../../../../control/protocol.ts";

/** How fast the backlog goes. */
export interface BacklogRate {
  bytesPerS: number;
  /** Null: nothing moves, or nothing waits. */
  leftMs: number | null;
}

interface Sample {
  atMs: number;
  sentBytes: number;
  backlogBytes: number;
}

/** Over so long a rate is told: one part on a slow line takes several seconds. */
const WINDOW_MS = 20_000;

/** Tells the rate of the last 20 s from successive statuses. */
export class RateMeter {
  readonly #samples: Sample[] = [];

  /** `atMs` on a clock that never runs backwards. Null: the agent does not sync, or was seen only once. */
  see(sync: AgentStatus["sync"], atMs: number): BacklogRate | null {
    if (sync === undefined) return null;
    const last = this.#samples.at(-1);
    // a restarted agent counts from zero
    if (last !== undefined && sync.sent_bytes < last.sentBytes) this.#samples.length = 0;
    this.#samples.push({ atMs, sentBytes: sync.sent_bytes, backlogBytes: sync.backlog_bytes });
    while ((this.#samples[0]?.atMs ?? atMs) < atMs - WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0];
    if (first === undefined || first.atMs === atMs) return null;
    const seconds = (atMs - first.atMs) / 1000;
    const bytesPerS = (sync.sent_bytes - first.sentBytes) / seconds;
    // what is recorded meanwhile makes it longer
    const shrinking = (first.backlogBytes - sync.backlog_bytes) / seconds;
    const leftMs = shrinking > 0 && sync.backlog_bytes > 0 ? (sync.backlog_bytes / shrinking) * 1000 : null;
    return { bytesPerS, leftMs };
  }
}

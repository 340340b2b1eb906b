import type { ClockSource } from "./envelope.ts";

/** What a ledger says of itself and of the device that keeps it (ledger-format §5). */

export interface Genesis {
  type: "ledger.genesis";
  key: string;
  role: "recorder" | "dock";
  model: string;
  serial: string;
  chunk_ms: number;
  heartbeat_ms: number;
  follows?: { dev: string; size: number; root: string };
}

export interface Epoch {
  type: "ledger.epoch";
  pub: string;
  reason: "first" | "timer" | "recording" | "boot";
}

export interface Close {
  type: "ledger.close";
  reason: string;
}

export interface Boot {
  type: "device.boot";
  clean: boolean;
  agent: string;
  config: string;
  open: string[];
}

export interface ClockStep {
  type: "device.clock";
  step_ms: number;
  src: ClockSource;
}

export interface Heartbeat {
  type: "device.heartbeat";
  battery_pct?: number;
  free_bytes: number;
  recording: boolean;
}

/**
 * What an update of the unit's program came to. `ordered`: an office has ordered it; `begun`: a slot is being written; `refused`: it was not;
 * `installed`: the next start is the new version's; `good`: it showed that it runs; `failed`: it did not in time;
 * `fell-back`: the version before it runs again.
 */
export interface UpdateStep {
  type: "device.update";
  state: "ordered" | "begun" | "refused" | "installed" | "good" | "failed" | "fell-back";
  /** Of the update. */
  version: string;
  /** Of the version that runs. */
  from?: string;
  /** Code of the refusal. */
  reason?: string;
  /** What did not hold: `camera`, `ledger`, `receiver`. */
  failing?: string[];
  /** H(envelope) of the order that asked for it, hex; absent: somebody at the unit did. */
  order?: string;
}

export type GapReason =
  | "camera-lost"
  | "encoder-stalled"
  | "frames-lost"
  | "disk-full"
  | "power-loss"
  | "muted"
  | "overload"
  | "unknown";

/** Inside a recording, in media time. */
export interface MediaGap {
  type: "device.gap";
  reason: GapReason;
  rec: string;
  from_us: number;
  to_us: number;
}

/** Outside a recording, in monotonic time; `after` is the recording that it follows. */
export interface IdleGap {
  type: "device.gap";
  reason: GapReason;
  after?: string;
  mono_from_us: number;
  mono_to_us: number;
}

export type Gap = MediaGap | IdleGap;

import * as v from "valibot";
import { uuid } from "./activity-methods.ts";

/** What a recorder or a dock offers on the control socket about what it sends when. */

const whole = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
const MAX_MINUTES = 1_440;

export const uploadParams = {
  "sync.queue": v.strictObject({ limit: v.optional(whole(1, 1000), 50) }),
  "sync.now": v.strictObject({ minutes: v.optional(whole(1, MAX_MINUTES), 60) }),
  "sync.pause": v.strictObject({ minutes: v.optional(whole(1, MAX_MINUTES), 60) }),
  "sync.resume": v.strictObject({}),
  "sync.first": v.strictObject({ rec: uuid() }),
};

export type HeldBack = "paused" | "network" | "hours" | "daily-volume";

export interface ToldPolicy {
  /** Name of the rule that holds: `any` where none is configured. */
  network: string;
  media: "none" | "marked" | "linked" | "all";
  /** Why media waits though there is a connection; absent: it may go. */
  held?: HeldBack;
  paused_until_ms?: number;
  /** Everything goes until then, whatever the rules say. */
  now_until_ms?: number;
  /** Limits of media; absent: none. */
  rate_bytes_s?: number;
  daily_bytes?: number;
  /** Media sent over this network on this local day; counted where there is a limit. */
  sent_today?: number;
}

export interface QueuedRecording {
  /** Absent: photos and documents of no recording. */
  rec?: string;
  files: number;
  bytes: number;
  first: boolean;
  held?: HeldBack;
  eta_ms?: number;
}

export interface UploadResults {
  "sync.queue": { policy: ToldPolicy; queue: QueuedRecording[]; more: boolean };
  "sync.now": { until_ms: number };
  "sync.pause": { until_ms: number };
  "sync.resume": { resumed: true };
  "sync.first": { rec: string };
}

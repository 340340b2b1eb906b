import * as v from "valibot";
import type { Role } from "../../config/schema.ts";
import type { LinkFault } from "../../sync/link/keep-linked.ts";
import { type ActivityResults, activityParams, uuid } from "./methods/activity-methods.ts";
import { type DockResults, dockParams } from "./methods/dock-methods.ts";
import { type InspectionResults, inspectionParams } from "./methods/inspection-methods.ts";
import { writtenText } from "./methods/text.ts";
import { type UpdateResults, updateParams } from "./methods/update-methods.ts";
import { type ToldPolicy, type UploadResults, uploadParams } from "./methods/upload-methods.ts";

/**
 * The control socket's language: one JSON object a line, `{id, method, params}` answered by
 * `{id, result}` or `{id, error: {code, place, next?}}`. Each connection's requests are answered in order.
 */

/** The longest request, its LF included. */
export const MAX_REQUEST_BYTES = 64 * 1024;
/** The longest answer, its LF included. */
export const MAX_ANSWER_BYTES = 1024 * 1024;

/** What each method takes. */
export const controlParams = {
  status: v.strictObject({}),
  "record.start": v.strictObject({
    /** Who or what asked for it, as `recording.start` says. */
    trigger: v.optional(writtenText(64), "control"),
    wearer: v.exactOptional(writtenText(128)),
    activity: v.exactOptional(uuid()),
  }),
  "record.stop": v.strictObject({ reason: v.optional(writtenText(64), "control") }),
  "record.mark": v.strictObject({ label: writtenText(256), by: v.exactOptional(writtenText(128)) }),
  "record.photo": v.strictObject({ by: v.exactOptional(writtenText(128)) }),
  "record.mute": v.strictObject({ muted: v.boolean() }),
  "sync.flush": v.strictObject({
    timeout_ms: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(600_000)), 60_000),
  }),
  ...activityParams,
  ...dockParams,
  ...inspectionParams,
  ...updateParams,
  ...uploadParams,
};

type Schemas = typeof controlParams;
export type ControlMethod = keyof Schemas;
/** Params as the caller writes them: defaults may be left out. */
export type ControlRequest<Method extends ControlMethod> = v.InferInput<Schemas[Method]>;
/** Params as the handler gets them. */
export type ControlParams<Method extends ControlMethod> = v.InferOutput<Schemas[Method]>;

export interface Alarm {
  code: string;
  detail: string;
  since_ms: number;
}

/** What a receiver knows of a device. */
export interface HeardDevice {
  dev: string;
  presence?: "online" | "offline";
  last_seen_ms: number;
  /** Entries held, how many of them lack their media, and proofs of forks. */
  size?: number;
  media_missing?: number;
  forks?: number;
  /** By code; breaches of ledger-format §5 as `rule:<code>`. */
  refusals: Record<string, number>;
  /** The last breaches, newest last. */
  problems: string[];
}

/** A running agent's own account. Parts that its role does not have are absent. */
export interface AgentStatus {
  role: Role;
  /** Version of the program. */
  agent: string;
  pid: number;
  started_ms: number;
  /** How late the event loop was, 99th percentile since the start; only where FULLTRACE_WATCH_LOOP=1 has it watched. */
  loop_delay_p99_ms?: number;
  /** Device id. */
  dev?: string;
  /** Entries in the ledger. */
  size?: number;
  free_bytes: number;
  /** Of the disk that holds the data directory. */
  total_bytes?: number;
  /** Who vouched for the wall clock at the last entry, and within how many ms. */
  clock?: { source: string; uncertainty_ms?: number };
  recording?: {
    /** State of the recording machine: `idle`, `pre-event`, `recording`, `sealing` … */
    state: string;
    /** The one being made, with what it holds so far. */
    rec?: string;
    media_ms?: number;
    chunks?: number;
    since_ms?: number;
    muted: boolean;
    /** What the pre-event buffer holds. */
    pre_event_ms: number;
    /** Media in memory that is not durable yet. */
    held_bytes: number;
  };
  /** How many bays of a dock stand where. */
  dock?: {
    bays: number;
    occupied: number;
    ready: number;
    kept: number;
    faults: number;
    /** Files that are read now, and files that wait for their turn. */
    importing: number;
    waiting: number;
    /** How often the USB process had to be started again. */
    usb_restarts: number;
  };
  board?: {
    connected: boolean;
    model?: string;
    firmware?: string;
    battery_pct?: number;
    battery_mv?: number;
    charging?: "no" | "yes" | "full";
    /** Tenths of a degree Celsius. */
    temperature_tenths_c?: number;
  };
  /** Whether there is a valid fix, and a time that is believed; never where. */
  gnss?: { fix: boolean; time: boolean };
  sync?: {
    connected: boolean;
    /** Why it is not: code and place of the last failure. */
    fault?: LinkFault;
    /** Name of the receiver that answers; absent: none does, whatever the broker says. */
    receiver?: string;
    backlog_entries: number;
    backlog_bytes: number;
    /** Age of the oldest evidence that is not at the receiver; 0 without a backlog. */
    oldest_ms: number;
    /** Links opened since the start. */
    connections: number;
    /** Media bytes sent since the start, and how many of them were sent before. */
    sent_bytes: number;
    resent_bytes: number;
    /** What may be sent over the present network, and what was ordered. */
    policy: ToldPolicy;
  };
  receiver?: {
    /** Linked to the broker. */
    linked: boolean;
    /** Why it is not: code and place of the last failure. */
    fault?: LinkFault;
    /** Evidence in memory that waits to be stored. */
    queued_bytes: number;
    /** Devices that the configuration accepts, and those heard of since the start. */
    devices: number;
    online: number;
    /** Those heard of since the start, the latest first, at most 100. */
    heard: HeardDevice[];
  };
  /** What a receiver tells a platform. */
  share?: {
    linked: boolean;
    /** Messages that its broker took since the start. */
    published: number;
    /** Ledgers with something that it was not told yet. */
    waiting: number;
    /** For how long nothing went although something waits, or there is no link. */
    stalled_ms?: number;
  };
  alarms: Alarm[];
  counters: Record<string, number>;
}

/** What each method answers. */
export interface ControlResults
  extends ActivityResults,
    DockResults,
    InspectionResults,
    UpdateResults,
    UploadResults {
  status: AgentStatus;
  "record.start": { rec: string };
  "record.stop": { rec: string; chunks: number; bytes: number };
  "record.mark": { rec: string; at_us: number };
  "record.photo": { digest: string; bytes: number; rec?: string; at_us?: number };
  "record.mute": { muted: boolean };
  "sync.flush": { receipted: boolean };
}

/** What an agent can do: a role leaves out the methods that it has no use for. */
export type ControlHandlers = {
  [Method in ControlMethod]?: (
    params: ControlParams<Method>,
    signal: AbortSignal,
  ) => Promise<ControlResults[Method]>;
};

export interface ControlError {
  code: string;
  place: string;
  next?: string;
}

export type ControlAnswer =
  | { id: string | number | null; result: unknown }
  | { id: string | number | null; error: ControlError };

export function isControlMethod(method: unknown): method is ControlMethod {
  return typeof method === "string" && Object.hasOwn(controlParams, method);
}

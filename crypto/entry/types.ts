/**
 * The entries of the ledger as ledger-format §2 and §5 define them: one type per `type`,
 * field names exactly as stored.
 */

import type {
  ActivityClose,
  ActivityDispute,
  ActivityDocument,
  ActivityLink,
  ActivityNote,
  ActivityOpen,
  ActivityTemplate,
  ActivityUnlink,
} from "./activity-types.ts";
import type { InspectionDraw, InspectionResult } from "./inspection-types.ts";
import type { MediaFields } from "./media-fields.ts";

export type { MediaFields } from "./media-fields.ts";

/** Who set the wall clock that `utc_ms` was read from. */
export type ClockSource = "none" | "rtc" | "ntp" | "gnss" | "dock";

/** `t` of every entry. `unc_ms` is absent when `src` is `none`. */
export interface EntryTime {
  boot: string;
  mono_us: number;
  utc_ms: number;
  src: ClockSource;
  unc_ms?: number;
}

/** What a wall clock claims at one moment. */
export type WallClaim = Pick<EntryTime, "utc_ms" | "src" | "unc_ms">;

/** The fields that the writer adds to every entry. */
export interface EntryEnvelope {
  v: 1;
  dev: string;
  seq: number;
  prev: string;
  epoch: number;
  t: EntryTime;
}

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

export interface Track {
  kind: string;
  codec: string;
  width?: number;
  height?: number;
  rate?: number;
}

export interface ImportSource {
  serial: string;
  path: string;
  bytes: number;
  modified_ms?: number;
}

export interface RecordingStart {
  type: "recording.start";
  rec: string;
  origin: "live" | "import";
  trigger: string;
  wearer?: string;
  activity?: string;
  pre_event_ms: number;
  continues?: string;
  tracks: Track[];
  source?: ImportSource;
}

/** Degrees × 10^7, accuracy in mm, age of the fix in ms. */
export interface Position {
  lat_e7: number;
  lon_e7: number;
  acc_mm?: number;
  age_ms: number;
}

export interface LiveChunk extends MediaFields {
  type: "recording.chunk";
  rec: string;
  n: number;
  from_us: number;
  to_us: number;
  key: boolean;
  longest_us: number;
  gnss?: Position;
}

export interface ImportChunk extends MediaFields {
  type: "recording.chunk";
  rec: string;
  n: number;
  offset: number;
}

export interface Photo extends MediaFields {
  type: "recording.photo";
  mime: string;
  rec?: string;
  at_us?: number;
  by?: string;
}

export interface Marker {
  type: "recording.marker";
  rec: string;
  at_us: number;
  label: string;
  by?: string;
}

export interface RecordingStop {
  type: "recording.stop";
  rec: string;
  chunks: number;
  bytes: number;
  reason: string;
  recovered?: boolean;
  file_digest?: string;
}

export interface DockAttach {
  type: "dock.attach";
  bay: string;
  serial: string;
  model: string;
  wearer?: string;
  driver: string;
}

export interface DockDetach extends Omit<DockAttach, "type"> {
  type: "dock.detach";
  reason: string;
}

/** The recorder's clock as it was found, and whether it is on time now. `offset_ms`: how far it was ahead. */
export interface DockClock {
  type: "dock.clock";
  bay: string;
  serial: string;
  dock_utc_ms: number;
  offset_ms?: number;
  on_time: boolean;
}

/** Every file of a card and what became of it: the media is that list, as canonical JSON. */
export interface DockInventory extends MediaFields {
  type: "dock.inventory";
  bay: string;
  serial: string;
  mime: string;
  /** What the disk called itself that the recorder came back as. */
  disk?: string;
}

/** A file that is removed from a recorder, signed before it goes: what it was, where it is kept, who holds it. */
export interface DockWipe {
  type: "dock.wipe";
  bay: string;
  serial: string;
  path: string;
  bytes: number;
  /** Recording that it was imported as, and the digest that the card's file still had. */
  rec: string;
  file_digest: string;
  /** Hex digest of a receipt that covers all of that recording. */
  receipt: string;
}

/** What a recorder claims tells no file from another: another recorder has its serial, a file was changed, or it came back as another disk. */
export type DockDoubt = {
  type: "dock.doubt";
  bay: string;
  serial: string;
} & (
  | {
      code: "recorder-twice";
      /** Bay of the one that was there before. */
      other: string;
    }
  | {
      code: "changed-since-import";
      path: string;
      /** The import that the claims of the file are those of. */
      rec: string;
      /** Hex SHA-256 of what lies on the card under these claims now. */
      found: string;
    }
  | {
      code: "other-disk";
      /** What it calls itself; no earlier docking of this recorder had it. */
      disk: string;
    }
);

export interface DockAccount {
  type: "dock.account";
  bay: string;
  serial: string;
  /** Files and their bytes that were on the card in this docking. */
  files: number;
  bytes: number;
  /** How many of them the ledger holds whole, and how many of these only since this docking. */
  imported: number;
  fresh: number;
  /** False: it was taken before its card was listed. */
  listed: boolean;
  /** What the ledger does not hold: how many, and the first of them. */
  left_out: number;
  skipped: { path: string; reason: string }[];
  wiped: number;
  /** Digest of the media of its `dock.inventory`. */
  inventory: string;
}

export interface CustodyReceipt {
  type: "custody.receipt";
  receipt: string;
  receiver: string;
  size: number;
}

export interface CustodyPurge {
  type: "custody.purge";
  seqs: [number, number][];
  reason: string;
  policy: string;
  receipt: string;
}

export interface CustodyExport {
  type: "custody.export";
  package: string;
  to: string;
  seqs: [number, number][];
}

/** Everything a caller may append: the writer alone makes genesis, epochs, boot and close. */
export type AppendableBody =
  | ClockStep
  | Heartbeat
  | Gap
  | ActivityOpen
  | ActivityTemplate
  | ActivityDocument
  | ActivityNote
  | ActivityLink
  | ActivityUnlink
  | ActivityDispute
  | ActivityClose
  | InspectionDraw
  | InspectionResult
  | RecordingStart
  | LiveChunk
  | ImportChunk
  | Photo
  | Marker
  | RecordingStop
  | DockAttach
  | DockClock
  | DockWipe
  | DockDoubt
  | DockInventory
  | DockDetach
  | DockAccount
  | CustodyReceipt
  | CustodyPurge
  | CustodyExport;

export type EntryBody = Genesis | Epoch | Close | Boot | AppendableBody;

/** Bodies that name media, before the media store has filled in the media fields. */
export type MediaBody = Extract<AppendableBody, MediaFields>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
export type PendingMediaBody = DistributiveOmit<MediaBody, keyof MediaFields>;

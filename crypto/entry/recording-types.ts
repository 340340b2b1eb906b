import type { MediaFields } from "./media-fields.ts";

/** Recordings: their start, chunks, photos, markers and stop (ledger-format §5). */

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

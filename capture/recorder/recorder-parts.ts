import type { Clock } from "../../config/base/clock.ts";
import type { Logger } from "../../config/base/logger.ts";
import type { Random } from "../../config/base/random.ts";
import type { Position } from "../../crypto/entry/recording-types.ts";
import type { AppendedMedia, EvidenceWriter } from "../../crypto/entry/writer.ts";
import type { LossReason } from "../live/camera-stream.ts";
import type { RecordingSummary } from "../recording/recording.ts";
import type { CameraOpener } from "../source/camera.ts";
import type { MakeStill } from "../source/still.ts";
import type { PhotoTaken } from "./photographer.ts";
import type { RecorderState } from "./state.ts";

export interface RecorderSettings {
  readonly chunkMs: number;
  readonly preEventMs: number;
  readonly preEventSound: boolean;
  readonly postEventMs: number;
  /** A longer recording goes on in a new one. */
  readonly maxRecordingMs: number;
  /** Bound of the pre-event buffer. */
  readonly maxRingBytes: number;
  /** Bound of what may wait for the evidence writer. */
  readonly maxHeldBytes: number;
}

export const DEFAULT_RECORDER_SETTINGS: RecorderSettings = {
  chunkMs: 2_000,
  preEventMs: 30_000,
  preEventSound: true,
  postEventMs: 0,
  maxRecordingMs: 4 * 3_600_000,
  maxRingBytes: 64 * 2 ** 20,
  maxHeldBytes: 32 * 2 ** 20,
};

export type AlarmCode = LossReason | "sound-lost" | "overload" | "disk-full" | "write-failed";

/** What the rest of the program may want to know, in the order in which it happens. */
export type RecorderNotice =
  | { readonly kind: "state"; readonly state: RecorderState }
  | { readonly kind: "alarm"; readonly code: AlarmCode; readonly detail: string }
  /** The microphone is there, again or as ever. */
  | { readonly kind: "sound" }
  | { readonly kind: "started"; readonly rec: string }
  | { readonly kind: "chunk"; readonly rec: string; readonly n: number; readonly stored: AppendedMedia }
  | { readonly kind: "photo"; readonly taken: PhotoTaken }
  | { readonly kind: "stopped"; readonly summary: RecordingSummary };

export interface RecorderParts {
  readonly opener: CameraOpener;
  readonly makeStill: MakeStill;
  readonly writer: EvidenceWriter;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** `t.mono_us` of an entry written now: the time that gaps outside recordings are in. */
  readonly ledgerMonoUs: () => number;
  /** Where the wearer is; null: unknown. */
  readonly position?: () => Position | null;
  readonly onNotice?: (notice: RecorderNotice) => void;
}

export interface RecorderStatus {
  readonly state: RecorderState;
  /** The wearer has muted the sound. */
  readonly muted: boolean;
  readonly ring: { readonly spanMs: number; readonly bytes: number };
  /** Media bytes that wait for the evidence writer. */
  readonly heldBytes: number;
  readonly recording: { readonly rec: string; readonly mediaMs: number; readonly chunks: number } | null;
  readonly counters: Record<string, number>;
}

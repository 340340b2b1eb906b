import type { AgentError } from "../../config/base/errors.ts";
import type { TestCamera } from "../../drivers/simulator/test-camera.ts";

/** Where pictures and sound come from. */
export type CameraSource =
  | {
      readonly kind: "v4l2";
      /** `/dev/video0` */
      readonly device: string;
      /** ALSA device of the microphone, `hw:1`; absent: no sound. */
      readonly microphone?: string;
      /** What to ask the camera for: `h264`, `hevc`, `mjpeg`, `yuyv422`; absent: its first choice. */
      readonly inputFormat?: string;
      readonly width?: number;
      readonly height?: number;
      readonly framesPerS?: number;
    }
  | { readonly kind: "rtsp"; readonly url: string }
  /** Played once, at its own speed; its end is the camera's end. */
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "testsrc"; readonly camera: TestCamera };

/** How the tracks are to be treated. */
export interface TrackPolicy {
  /** False: the sound is left out. */
  readonly sound: boolean;
  /** Sound that may be muted is decoded, filtered and encoded; otherwise AAC is copied. */
  readonly mutable: boolean;
  /** Whether the pre-event buffer has sound; if not, it is silence until activation. */
  readonly preEventSound: boolean;
  /** For pictures that must be encoded, bits a second. */
  readonly videoBitsPerS: number;
  readonly audioBitsPerS: number;
  /** Distance of keyframes where we encode. */
  readonly keyframeMs: number;
}

/** Why a camera's stream is over. */
export type FeedEnd =
  /** ffmpeg closed its output: the end of a file, or a network camera that is gone. */
  | { readonly kind: "ended"; readonly detail: string }
  /** ffmpeg gave up, or could not be started. */
  | { readonly kind: "failed"; readonly detail: string }
  /** A signal that did not come from us took ffmpeg. */
  | { readonly kind: "killed"; readonly detail: string };

/** A running stream of fragmented MP4. */
export interface CameraFeed {
  /** Settles when the process is gone and all its bytes are delivered; never rejects. */
  readonly ended: Promise<FeedEnd>;
  /** Whether sound can be silenced in this stream. */
  readonly silenceable: boolean;
  /** Why the microphone's sound is left out; null: it is not. */
  readonly missing: AgentError | null;
  /** Silences the sound from about now on; without effect where there is none to silence. */
  setSilent(silent: boolean): void;
  /** True when the process is stopped by a signal or a debugger, so that silence is not the camera's fault. */
  isHeld(): Promise<boolean>;
  /** Ends the stream: orderly with the last fragment flushed, or at once. Resolves when nothing is left of it. */
  stop(how: "flush" | "kill"): Promise<FeedEnd>;
}

/** Opens streams of one camera. The real one is `FfmpegSource`. */
export interface CameraOpener {
  /** True if the source has an end of its own: a file. */
  readonly finite: boolean;
  /**
   * Starts the stream; `onBytes` is called with its bytes in order, until `ended`.
   * Throws `camera-unavailable` or `camera-no-track`, or the signal's reason.
   */
  open(options: {
    silent: boolean;
    onBytes: (piece: Buffer) => void;
    signal: AbortSignal;
  }): Promise<CameraFeed>;
}

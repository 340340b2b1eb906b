import type { RecorderSettings } from "../../capture/recorder/recorder-parts.ts";
import type { CameraSource, TrackPolicy } from "../../capture/source/camera.ts";
import { FfmpegSource } from "../../capture/source/ffmpeg-source.ts";
import { EncoderChooser } from "../../capture/source/video-encoder.ts";
import type { Clock } from "../../config/base/clock.ts";
import type { RecorderConfig } from "../../config/schema.ts";
import { readSecret } from "../../config/secret.ts";

const VIDEO_BITS_PER_S = 4_000_000;
const AUDIO_BITS_PER_S = 96_000;
/** Where we encode, a chunk can always be cut at a keyframe. */
const KEYFRAME_MS = 1000;
const MAX_RING_BYTES = 64 * 2 ** 20;
const MAX_HELD_BYTES = 32 * 2 ** 20;

/** What of a configuration says how it films. */
export type CameraConfig = Pick<RecorderConfig, "camera" | "audio" | "recording">;

/** The camera that a recorder's configuration describes. Throws the errors of `readSecret`. */
export function openerOf(config: CameraConfig, clock: Clock): FfmpegSource {
  return new FfmpegSource(sourceOf(config), policyOf(config), clock, new EncoderChooser());
}

/** The recorder's settings as its configuration has them. */
export function recorderSettings({ audio, recording }: RecorderConfig): RecorderSettings {
  return {
    chunkMs: recording.chunkMs,
    preEventMs: recording.preEventMs,
    preEventSound: audio.preEvent,
    postEventMs: recording.postEventMs,
    maxRecordingMs: recording.maxMs,
    maxRingBytes: MAX_RING_BYTES,
    maxHeldBytes: MAX_HELD_BYTES,
  };
}

function policyOf({ audio, recording }: CameraConfig): TrackPolicy {
  return {
    sound: audio.enabled,
    mutable: audio.mutable,
    preEventSound: audio.preEvent,
    videoBitsPerS: VIDEO_BITS_PER_S,
    audioBitsPerS: AUDIO_BITS_PER_S,
    keyframeMs: Math.min(KEYFRAME_MS, recording.chunkMs),
  };
}

/** What ffmpeg is to read. Throws the errors of `readSecret`. */
export function sourceOf({ camera, audio }: CameraConfig): CameraSource {
  switch (camera.source) {
    case "v4l2":
      return {
        kind: "v4l2",
        device: camera.device,
        ...(audio.device === undefined ? {} : { microphone: audio.device }),
        ...(camera.format === undefined ? {} : { inputFormat: camera.format }),
        ...(camera.size === undefined ? {} : sizeOf(camera.size)),
        ...(camera.rate === undefined ? {} : { framesPerS: camera.rate }),
      };
    case "rtsp":
      return { kind: "rtsp", url: rtspUrl(camera) };
    case "file":
      return { kind: "file", path: camera.path };
    case "testsrc": {
      const { rate, keyframeMs, size } = camera;
      return { kind: "testsrc", camera: { ...sizeOf(size), framesPerS: rate, keyframeMs } };
    }
  }
}

function sizeOf(size: string): { width: number; height: number } {
  const [width, height] = size.split("x").map(Number);
  return { width: width as number, height: height as number };
}

function rtspUrl(camera: { url: string; username?: string; passwordFile?: string }): string {
  const url = new URL(camera.url);
  if (camera.username !== undefined) url.username = encodeURIComponent(camera.username);
  if (camera.passwordFile !== undefined) url.password = encodeURIComponent(readSecret(camera.passwordFile));
  return url.href;
}

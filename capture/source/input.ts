import { testPicture, testSound } from "../../drivers/simulator/test-camera.ts";
import type { CameraSource } from "./camera.ts";

/** One `-i` and the options that stand before it. */
export interface FfmpegInput {
  /** What ffmpeg and ffprobe both understand: how to read the source. */
  readonly options: readonly string[];
  /** What only ffmpeg knows, and ffprobe refuses: how to pace and queue. */
  readonly playing: readonly string[];
  readonly url: string;
  /** The microphone beside a camera: without it the pictures are recorded all the same. */
  readonly optional?: true;
}

/** RTSP: over TCP, and a server that says nothing for 3 s is gone. */
const RTSP_OPTIONS = ["-rtsp_transport", "tcp", "-timeout", "3000000"];
/** A device does not wait until ffmpeg has time for it. */
const DEVICE_QUEUE = ["-thread_queue_size", "512"];
/** At its own speed. */
const REAL_TIME = ["-re"];

/** The inputs of a source, in the order of ffmpeg's input numbers. */
export function ffmpegInputs(source: CameraSource): FfmpegInput[] {
  switch (source.kind) {
    case "v4l2":
      return [v4l2Input(source), ...(source.microphone === undefined ? [] : [alsaInput(source.microphone)])];
    case "rtsp":
      return [{ options: RTSP_OPTIONS, playing: [], url: source.url }];
    case "file":
      // `file:` because a name such as `concat:a` is otherwise a protocol
      return [{ options: ["-fflags", "+genpts"], playing: REAL_TIME, url: `file:${source.path}` }];
    case "testsrc":
      return [testPicture(source.camera), testSound()].map((url) => ({
        options: ["-f", "lavfi"],
        playing: REAL_TIME,
        url,
      }));
  }
}

function v4l2Input(source: Extract<CameraSource, { kind: "v4l2" }>): FfmpegInput {
  const { device, inputFormat, width, height, framesPerS } = source;
  return {
    options: [
      ...["-f", "v4l2"],
      ...(inputFormat === undefined ? [] : ["-input_format", inputFormat]),
      ...(width === undefined || height === undefined ? [] : ["-video_size", `${width}x${height}`]),
      ...(framesPerS === undefined ? [] : ["-framerate", `${framesPerS}`]),
    ],
    playing: DEVICE_QUEUE,
    url: device,
  };
}

function alsaInput(device: string): FfmpegInput {
  return { options: ["-f", "alsa"], playing: DEVICE_QUEUE, url: device, optional: true };
}

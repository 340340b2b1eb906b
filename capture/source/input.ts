import { testPicture, testSound } from "../../drivers/simulator/test-camera.ts";
import type { CameraSource } from "./camera.ts";

/** One `-i` of ffmpeg and the options that stand before it. */
export interface FfmpegInput {
  readonly options: readonly string[];
  readonly url: string;
}

/** RTSP: over TCP, and a server that says nothing for 3 s is gone. */
const RTSP_OPTIONS = ["-rtsp_transport", "tcp", "-timeout", "3000000"];
const QUEUE_PACKETS = "512";

/** The inputs of a source, in the order of ffmpeg's input numbers. */
export function ffmpegInputs(source: CameraSource): FfmpegInput[] {
  switch (source.kind) {
    case "v4l2":
      return [v4l2Input(source), ...(source.microphone === undefined ? [] : [alsaInput(source.microphone)])];
    case "rtsp":
      return [{ options: RTSP_OPTIONS, url: source.url }];
    case "file":
      // `file:` because a name such as `concat:a` is otherwise a protocol
      return [{ options: ["-re", "-fflags", "+genpts"], url: `file:${source.path}` }];
    case "testsrc":
      return [testPicture(source.camera), testSound()].map((url) => ({
        options: ["-re", "-f", "lavfi"],
        url,
      }));
  }
}

function v4l2Input(source: Extract<CameraSource, { kind: "v4l2" }>): FfmpegInput {
  const { device, inputFormat, width, height, framesPerS } = source;
  return {
    options: [
      ...["-thread_queue_size", QUEUE_PACKETS, "-f", "v4l2"],
      ...(inputFormat === undefined ? [] : ["-input_format", inputFormat]),
      ...(width === undefined || height === undefined ? [] : ["-video_size", `${width}x${height}`]),
      ...(framesPerS === undefined ? [] : ["-framerate", `${framesPerS}`]),
    ],
    url: device,
  };
}

function alsaInput(device: string): FfmpegInput {
  return { options: ["-thread_queue_size", QUEUE_PACKETS, "-f", "alsa"], url: device };
}

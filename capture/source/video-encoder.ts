import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** An H.264 encoder of the installed ffmpeg and the options that choose it. */
export interface VideoEncoder {
  readonly name: string;
  readonly hardware: boolean;
  readonly options: readonly string[];
}

/** 4:2:0 needs even sides, which a camera need not have. */
const EVEN_SIDES = "scale=trunc(iw/2)*2:trunc(ih/2)*2";

export const SOFTWARE_ENCODER: VideoEncoder = {
  name: "libx264",
  hardware: false,
  options: [
    ...["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency"],
    ...["-vf", `${EVEN_SIDES},format=yuv420p`],
  ],
};

/** In the order of preference. */
const HARDWARE_ENCODERS: readonly VideoEncoder[] = [
  {
    name: "h264_v4l2m2m",
    hardware: true,
    options: ["-c:v", "h264_v4l2m2m", "-vf", `${EVEN_SIDES},format=yuv420p`],
  },
  {
    name: "h264_vaapi",
    hardware: true,
    options: [
      ...["-vaapi_device", "/dev/dri/renderD128", "-c:v", "h264_vaapi"],
      ...["-vf", `${EVEN_SIDES},format=nv12,hwupload`],
    ],
  },
];

const TRIAL_TIMEOUT_MS = 5_000;
const MAX_LIST_BYTES = 256 * 1024;
const run = promisify(execFile);

/**
 * Finds a hardware encoder that ffmpeg lists and that encodes a few frames when tried (ffmpeg lists
 * encoders whose hardware is absent), or the software one. Runs once; throws only the signal's reason.
 */
export class EncoderChooser {
  #chosen: VideoEncoder | null = null;

  async choose(signal: AbortSignal): Promise<VideoEncoder> {
    this.#chosen ??= await chooseEncoder(signal);
    return this.#chosen;
  }
}

async function chooseEncoder(signal: AbortSignal): Promise<VideoEncoder> {
  const listed = (await answer(["-encoders"], signal)) ?? "";
  for (const encoder of HARDWARE_ENCODERS) {
    if (listed.includes(` ${encoder.name} `) && (await works(encoder, signal))) return encoder;
  }
  return SOFTWARE_ENCODER;
}

async function works(encoder: VideoEncoder, signal: AbortSignal): Promise<boolean> {
  const picture = ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30", "-frames:v", "15"];
  return (await answer([...picture, ...encoder.options, "-f", "null", "-"], signal)) !== null;
}

/** What ffmpeg prints; null: it failed or took too long. */
async function answer(args: readonly string[], signal: AbortSignal): Promise<string | null> {
  try {
    const { stdout } = await run("ffmpeg", ["-hide_banner", "-v", "error", "-nostdin", ...args], {
      timeout: TRIAL_TIMEOUT_MS,
      maxBuffer: MAX_LIST_BYTES,
      killSignal: "SIGKILL",
      signal,
    });
    return stdout;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

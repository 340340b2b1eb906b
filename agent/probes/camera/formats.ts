import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { AgentError } from "../../../config/base/errors.ts";

/** One format that a camera offers. */
export interface CameraFormat {
  /** ffmpeg's name, as `camera.format` wants it. */
  format: string;
  /** True: the camera compresses it itself. */
  compressed: boolean;
  name: string;
  /** `1920x1080`; a range of sizes as ffmpeg prints it. */
  sizes: string[];
}

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 256 * 1024;
const MAX_CAUSE_CHARS = 300;
const run = promisify(execFile);

/** Asks ffmpeg what a Video4Linux camera offers. Throws `camera-unavailable`, or the signal's reason. */
export async function cameraFormats(device: string, signal: AbortSignal): Promise<CameraFormat[]> {
  const told = await listing(device, signal);
  const formats = formatsOf(told);
  if (formats.length === 0) {
    const lines = told.trim().split("\n").slice(-2).join("; ");
    throw new AgentError("camera-unavailable", device, { cause: new Error(lines.slice(-MAX_CAUSE_CHARS)) });
  }
  return formats;
}

/** ffmpeg lists the formats on stderr and then ends with an error: there was nothing to do. */
async function listing(device: string, signal: AbortSignal): Promise<string> {
  const args = ["-hide_banner", "-nostdin", "-f", "v4l2", "-list_formats", "all", "-i", device];
  try {
    const { stderr } = await run("ffmpeg", args, {
      timeout: TIMEOUT_MS,
      maxBuffer: MAX_ANSWER_BYTES,
      killSignal: "SIGKILL",
      signal,
    });
    return stderr;
  } catch (error) {
    signal.throwIfAborted();
    const { stderr } = error as { stderr?: unknown };
    if (typeof stderr === "string" && stderr !== "") return stderr;
    throw new AgentError("camera-unavailable", device, { cause: error });
  }
}

/** Reads lines such as `[video4linux2,v4l2 @ 0x1] Compressed:       mjpeg :          Motion-JPEG : 640x480 1280x720`. */
export function formatsOf(listing: string): CameraFormat[] {
  return [...listing.matchAll(/\] (Raw|Compressed) *: +(\S+) +: +(.*) : (.*)$/gm)].map(
    ([, kind, format, name, sizes]) => ({
      format: format as string,
      compressed: kind === "Compressed",
      name: name as string,
      sizes: (sizes as string).match(/\{[^}]*\}(?:x\{[^}]*\})?|\S+/g) ?? [],
    }),
  );
}

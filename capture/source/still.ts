import { execFile } from "node:child_process";
import { setPriority } from "node:os";
import { promisify } from "node:util";
import { AgentError } from "../../config/base/errors.ts";

/** A JPEG of the first picture that is shown `fromUs` after the beginning of `content`, or later. */
export type MakeStill = (
  content: readonly Uint8Array[],
  fromUs: number,
  signal: AbortSignal,
) => Promise<Buffer>;

/** A small processor decodes 10 s of pictures in about that time. */
const TIMEOUT_MS = 20_000;
/** What is recorded goes first. */
const NICE = 10;
/** 8K at the best quality stays below. */
const MAX_JPEG_BYTES = 16 * 2 ** 20;
const MAX_CAUSE_CHARS = 300;
const run = promisify(execFile);

/**
 * Decodes fragmented MP4 that begins with its initialisation segment and a keyframe, with ffmpeg: one process,
 * in bounded time, with a bounded answer. Throws `photo-failed`, or the signal's reason.
 */
export const ffmpegStill: MakeStill = async (content, fromUs, signal) => {
  const args = [
    ...["-hide_banner", "-v", "error", "-f", "mp4", "-i", "pipe:0", "-map", "0:v:0"],
    ...["-vf", `select=gte(t\\,${(fromUs / 1e6).toFixed(6)})`, "-frames:v", "1"],
    // the camera's colours in full range, as JPEG has them, and no name of the program in the file
    ...["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-q:v", "2", "-flags", "+bitexact"],
    ...["-f", "image2pipe", "pipe:1"],
  ];
  try {
    const ending = run("ffmpeg", args, {
      encoding: "buffer",
      timeout: TIMEOUT_MS,
      maxBuffer: MAX_JPEG_BYTES,
      killSignal: "SIGKILL",
      signal,
    });
    yieldToOthers(ending.child.pid);
    // ffmpeg closes its input once it has the picture
    ending.child.stdin?.on("error", () => undefined);
    for (const part of content) ending.child.stdin?.write(part);
    ending.child.stdin?.end();
    const { stdout } = await ending;
    if (!isJpeg(stdout)) throw new Error("no picture");
    return stdout;
  } catch (error) {
    signal.throwIfAborted();
    const said = (error as { stderr?: Buffer }).stderr?.toString("utf8").trim() || `${error}`;
    throw new AgentError("photo-failed", "ffmpeg", { cause: new Error(said.slice(-MAX_CAUSE_CHARS)) });
  }
};

function yieldToOthers(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, NICE);
  } catch {
    // it has ended already
  }
}

/** Start and end of image (ITU-T T.81 §B.1.1.3). */
function isJpeg(bytes: Buffer): boolean {
  return (
    bytes.length > 4 && bytes.readUInt16BE(0) === 0xffd8 && bytes.readUInt16BE(bytes.length - 2) === 0xffd9
  );
}

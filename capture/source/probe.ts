import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { AgentError } from "../../config/base/errors.ts";
import type { FfmpegInput } from "./input.ts";

/** A track as the source offers it. */
export interface OfferedTrack {
  readonly kind: "video" | "audio";
  /** ffmpeg's name: `h264`, `mjpeg`, `pcm_s16le` … */
  readonly codec: string;
  /** For ffmpeg's `-map`: number of the input, number of the stream in it. */
  readonly input: number;
  readonly stream: number;
}

const PROBE_TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 256 * 1024;
const MAX_CAUSE_CHARS = 300;
const run = promisify(execFile);

/** What can be recorded now. */
export interface ProbedSource {
  /** Those that answered; the tracks number them. */
  readonly inputs: readonly FfmpegInput[];
  readonly tracks: readonly OfferedTrack[];
  /** Why an optional input is left out; null: none is. */
  readonly missing: AgentError | null;
}

/**
 * Asks ffprobe for the tracks of all inputs: in bounded time, with a bounded answer.
 * Throws `camera-unavailable`, or the signal's reason.
 */
export async function probe(wanted: readonly FfmpegInput[], signal: AbortSignal): Promise<ProbedSource> {
  const inputs: FfmpegInput[] = [];
  const tracks: OfferedTrack[] = [];
  let missing: AgentError | null = null;
  for (const input of wanted) {
    try {
      tracks.push(...offeredTracks(await askFfprobe(input.options, input.url, signal), inputs.length));
      inputs.push(input);
    } catch (error) {
      if (input.optional !== true || !(error instanceof AgentError)) throw error;
      missing = error;
    }
  }
  return { inputs, tracks, missing };
}

/**
 * Reads ffprobe's JSON; what is neither picture nor sound, and cover art, is left out.
 * Throws `probe-answer` if it is not what ffprobe prints.
 */
export function offeredTracks(answer: unknown, input: number): OfferedTrack[] {
  const streams: unknown = (answer as { streams?: unknown } | null)?.streams ?? [];
  if (!Array.isArray(streams)) throw new AgentError("probe-answer", "streams");
  return streams.flatMap((stream: ProbedStream | null) => {
    const kind = stream?.codec_type;
    if ((kind !== "video" && kind !== "audio") || stream?.disposition?.attached_pic === 1) return [];
    if (!Number.isSafeInteger(stream?.index)) throw new AgentError("probe-answer", "index");
    const codec = typeof stream?.codec_name === "string" ? stream.codec_name : "unknown";
    return [{ kind, codec, input, stream: stream?.index as number }];
  });
}

/** The fields that we read of a stream, none of them certain. */
interface ProbedStream {
  readonly index?: unknown;
  readonly codec_type?: unknown;
  readonly codec_name?: unknown;
  readonly disposition?: { readonly attached_pic?: unknown };
}

async function askFfprobe(options: readonly string[], url: string, signal: AbortSignal): Promise<unknown> {
  const args = ["-v", "error", "-print_format", "json", "-show_streams", ...options, "-i", url];
  try {
    const { stdout } = await run("ffprobe", args, {
      timeout: PROBE_TIMEOUT_MS,
      maxBuffer: MAX_ANSWER_BYTES,
      killSignal: "SIGKILL",
      signal,
    });
    return JSON.parse(stdout);
  } catch (error) {
    signal.throwIfAborted();
    throw new AgentError("camera-unavailable", withoutPassword(url), {
      // not the error itself: it quotes the command with the camera's password
      cause: new Error(withoutPassword(complaint(error))),
      next: "check that the camera is connected and that no other program uses it",
    });
  }
}

/** What ffprobe said last, in one line. */
function complaint(error: unknown): string {
  const said = (error as { stderr?: unknown }).stderr || error;
  return `${said}`
    .trim()
    .replaceAll(/\s*\n\s*/g, "; ")
    .slice(-MAX_CAUSE_CHARS);
}

/** An address as it may be logged. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/g, "//***@");
}

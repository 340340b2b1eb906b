import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { hardwareWords as words } from "../../../cli/text/doctor/hardware.ts";
import { type Check, fail, ok } from "../../check.ts";
import { asRecorder } from "./as-recorder.ts";

const LIMIT_MS = 10_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
/** Where a camera does not encode itself, and for sound. */
const NEEDED_ENCODERS = ["libx264", "aac"];
const HARDWARE_ENCODERS = ["h264_v4l2m2m", "h264_vaapi"];
const run = promisify(execFile);

async function ffmpegSays(args: readonly string[], signal: AbortSignal): Promise<string> {
  const { stdout } = await run("ffmpeg", ["-hide_banner", ...args], { signal, maxBuffer: MAX_OUTPUT_BYTES });
  return stdout;
}

const ffmpeg: Check = {
  id: "ffmpeg",
  name: words.ffmpeg,
  why: words.ffmpegWhy,
  next: words.ffmpegNext,
  limitMs: LIMIT_MS,
  run: (patient, signal) =>
    asRecorder(patient, async () => {
      const said = await ffmpegSays(["-version"], signal);
      return ok(words.ffmpegSeen, { version: /version (\S+)/.exec(said)?.[1] ?? "?" });
    }),
};

const encoders: Check = {
  id: "encoders",
  name: words.encoders,
  why: words.encodersWhy,
  next: words.encodersNext,
  limitMs: LIMIT_MS,
  run: (patient, signal) =>
    asRecorder(patient, async () => {
      const listed = await ffmpegSays(["-encoders"], signal);
      const has = (name: string) => listed.includes(` ${name} `);
      const missing = NEEDED_ENCODERS.filter((name) => !has(name));
      if (missing.length > 0) return fail(words.encodersMissing, { names: missing.join(", ") });
      return ok(words.encodersSeen, {
        names: [...HARDWARE_ENCODERS, ...NEEDED_ENCODERS].filter(has).join(", "),
      });
    }),
};

export const ENCODING_CHECKS: readonly Check[] = [ffmpeg, encoders];

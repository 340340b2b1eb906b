import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { examineWords } from "../../../cli/text/doctor/examine.ts";
import { hardwareWords as words } from "../../../cli/text/doctor/hardware.ts";
import { type Check, type Finding, fail, ok, type Patient, skipped, warn } from "../../check.ts";
import { mayUse } from "../../rights.ts";

const LIMIT_MS = 10_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
const VIDEO_DEVICES = "/sys/class/video4linux";
const SOUND_DEVICES = "/proc/asound/pcm";
/** Where a camera does not encode itself, and for sound. */
const NEEDED_ENCODERS = ["libx264", "aac"];
const run = promisify(execFile);

async function ffmpegSays(args: readonly string[], signal: AbortSignal): Promise<string> {
  const { stdout } = await run("ffmpeg", ["-hide_banner", ...args], { signal, maxBuffer: MAX_OUTPUT_BYTES });
  return stdout;
}

/** Runs for the role that films. */
async function asRecorder(
  { config }: Patient,
  look: (config: Extract<Patient["config"], { role: "recorder" }>) => Promise<Finding> | Finding,
): Promise<Finding> {
  return config.role === "recorder" ? await look(config) : skipped(examineWords.notThisRole);
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
      const missing = NEEDED_ENCODERS.filter((name) => !listed.includes(` ${name} `));
      if (missing.length > 0) return fail(words.encodersMissing, { names: missing.join(", ") });
      const names = ["h264_v4l2m2m", "h264_vaapi", ...NEEDED_ENCODERS].filter((one) =>
        listed.includes(` ${one} `),
      );
      return ok(words.encodersSeen, { names: names.join(", ") });
    }),
};

const cameras: Check = {
  id: "cameras",
  name: words.cameras,
  why: words.camerasWhy,
  next: words.camerasNext,
  limitMs: LIMIT_MS,
  run: (patient) =>
    asRecorder(patient, ({ camera }) => {
      if (camera.source === "v4l2") {
        if (!existsSync(camera.device)) return fail(words.cameraMissing, { device: camera.device });
        if (!mayUse(camera.device)) return fail(words.cameraForbidden, { device: camera.device });
      }
      const names = videoDevices();
      if (names.length > 0) return ok(words.camerasSeen, { names: names.join(", ") });
      return camera.source === "v4l2"
        ? fail(words.camerasNone)
        : ok(words.camerasSeen, { names: camera.source });
    }),
};

/** Each as `/dev/video0 name`. */
function videoDevices(): string[] {
  if (!existsSync(VIDEO_DEVICES)) return [];
  return readdirSync(VIDEO_DEVICES).map(
    (name) => `/dev/${name} ${readFileSync(join(VIDEO_DEVICES, name, "name"), "utf8").trim()}`,
  );
}

const microphones: Check = {
  id: "microphones",
  name: words.microphones,
  why: words.microphonesWhy,
  next: words.microphonesNext,
  limitMs: LIMIT_MS,
  run: (patient) =>
    asRecorder(patient, ({ audio, camera }) => {
      if (!audio.enabled) return warn(words.soundOff);
      const names = soundDevices();
      if (names.length > 0) return ok(words.camerasSeen, { names: names.join(", ") });
      // a network camera brings its own
      return camera.source === "v4l2"
        ? fail(words.camerasNone)
        : ok(words.camerasSeen, { names: camera.source });
    }),
};

/** Lines of ALSA's list that can record: `00-00: USB Audio : … : capture 1`. */
function soundDevices(): string[] {
  if (!existsSync(SOUND_DEVICES)) return [];
  return readFileSync(SOUND_DEVICES, "utf8")
    .split("\n")
    .filter((line) => line.includes("capture"))
    .map((line) => line.split(":").slice(0, 2).join(":").trim());
}

export const CAMERA_CHECKS: readonly Check[] = [ffmpeg, encoders, cameras, microphones];

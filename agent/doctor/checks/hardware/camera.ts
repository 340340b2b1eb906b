import { existsSync } from "node:fs";
import { ffmpegInputs } from "../../../../capture/source/input.ts";
import { type ProbedSource, probe } from "../../../../capture/source/probe.ts";
import type { RecorderConfig } from "../../../../config/schema.ts";
import { hardwareWords as words } from "../../../cli/text/doctor/hardware.ts";
import { configuredCamera, listCameras } from "../../../probes/camera/devices.ts";
import { cameraFormats } from "../../../probes/camera/formats.ts";
import { sourceOf } from "../../../recorder/camera-setup.ts";
import { type Check, type Finding, fail, hasAgent, ok, type Patient, warn } from "../../check.ts";
import { mayUse } from "../../rights.ts";
import { asRecorder } from "./as-recorder.ts";

/** ffprobe takes up to 10 s for each input. */
const LIMIT_MS = 25_000;
const NO_NAMES = "–";

const probed = new WeakMap<Patient, Promise<ProbedSource>>();

/** Looks at what the recorder would film with, once for both checks: a camera is open to one at a time. */
function probeOnce(patient: Patient, config: RecorderConfig, signal: AbortSignal): Promise<ProbedSource> {
  const known = probed.get(patient) ?? probe(ffmpegInputs(sourceOf(config)), signal);
  probed.set(patient, known);
  return known;
}

const cameras: Check = {
  id: "cameras",
  name: words.cameras,
  why: words.camerasWhy,
  next: words.camerasNext,
  limitMs: LIMIT_MS,
  run: (patient, signal) =>
    asRecorder(patient, async (config) => {
      const { camera } = config;
      if (camera.source === "v4l2") {
        if (!existsSync(camera.device)) return fail(words.cameraMissing, { device: camera.device });
        if (!mayUse(camera.device)) return fail(words.cameraForbidden, { device: camera.device });
      }
      const { source, at = "" } = configuredCamera(config);
      const place = `${source} ${at}`.trim();
      const others = await camerasBeside(patient, camera);
      // the recorder that runs has it, and raises an alarm when it is lost
      if (hasAgent(patient)) return ok(words.cameraHeld, { place, others });
      const { tracks } = await probeOnce(patient, config, signal);
      const codecs = tracks.filter(({ kind }) => kind === "video").map(({ codec }) => codec);
      if (codecs.length === 0) return fail(words.cameraBlind, { place });
      const formats = camera.source === "v4l2" ? await formatsText(camera.device, signal) : codecs.join(", ");
      return ok(words.cameraSeen, { place, formats, others });
    }),
};

/** Cameras of this machine that are not the one that films. */
async function camerasBeside({ machine }: Patient, camera: RecorderConfig["camera"]): Promise<string> {
  const { cameras: found } = await listCameras(null, machine.cameras);
  const own = camera.source === "v4l2" ? camera.device : null;
  const names = found.filter(({ device, stable }) => device !== own && stable !== own);
  return names.map(({ device, name }) => `${device} ${name}`).join(", ") || NO_NAMES;
}

/** As `mjpeg 640x480 1280x720; yuyv422 640x480`. */
async function formatsText(device: string, signal: AbortSignal): Promise<string> {
  const formats = await cameraFormats(device, signal);
  return formats.map(({ format, sizes }) => [format, ...sizes].join(" ")).join("; ");
}

const microphones: Check = {
  id: "microphones",
  name: words.microphones,
  why: words.microphonesWhy,
  next: words.microphonesNext,
  limitMs: LIMIT_MS,
  run: (patient, signal) =>
    asRecorder(patient, async (config) => {
      if (!config.audio.enabled) return warn(words.soundOff);
      const { microphones: found } = await listCameras(null, patient.machine.cameras);
      const others = found.map(({ device, name }) => `${device} ${name}`).join(", ") || NO_NAMES;
      if (config.camera.source === "v4l2" && config.audio.device === undefined)
        return warn(words.soundNotConfigured, { others });
      if (hasAgent(patient)) return ok(words.soundHeld, { others });
      return heard(await probeOnce(patient, config, signal), others);
    }),
};

function heard({ tracks, missing }: ProbedSource, others: string): Finding {
  if (missing !== null) return fail(words.soundMissing, { place: missing.place, others });
  const codecs = tracks.filter(({ kind }) => kind === "audio").map(({ codec }) => codec);
  if (codecs.length === 0) return fail(words.soundNone, { others });
  return ok(words.soundSeen, { formats: codecs.join(", "), others });
}

export const CAMERA_CHECKS: readonly Check[] = [cameras, microphones];

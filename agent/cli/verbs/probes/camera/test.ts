import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ffmpegStill } from "../../../../../capture/source/still.ts";
import { systemClock } from "../../../../../config/base/clock.ts";
import { AgentError } from "../../../../../config/base/errors.ts";
import { type CameraTest, testCamera } from "../../../../probes/camera/test-camera.ts";
import { refuseIfHeld, wantedCamera } from "../../../../probes/camera/wanted-camera.ts";
import { openerOf } from "../../../../recorder/camera-setup.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { pairs } from "../../../face/table.ts";
import { bytesText } from "../../../face/units.ts";
import { cameraComplaints, cameraWords } from "../../../text/probes/camera.ts";
import { words } from "../../../text/words.ts";
import { configOf, type ProbeOptions } from "../../target.ts";
import { untilStopped } from "../../until-stopped.ts";

export interface CameraTestOptions extends ProbeOptions {
  camera?: string;
  microphone?: string;
  seconds: number;
  still?: string;
}

/** Films for some seconds as the recorder does, measures, and saves a picture; exit 1: something is wrong with it. */
export async function test(face: Face, options: CameraTestOptions): Promise<ExitCode> {
  const config = await configOf(face, options);
  const { camera: source, microphone, seconds } = options;
  const wanted = wantedCamera(config, {
    ...(source === undefined ? {} : { source }),
    ...(microphone === undefined ? {} : { microphone }),
  });
  await refuseIfHeld(config, wanted);
  const file = resolve(options.still ?? stillName());
  if (existsSync(file)) throw new AgentError("file-exists", file);
  const { camera, audio } = wanted;
  // a camera of its own has a microphone only where one is named; the others bring their sound along
  const sound = audio.enabled && (camera.source !== "v4l2" || audio.device !== undefined);
  const rate = "rate" in camera ? camera.rate : undefined;
  const wishes = { ms: seconds * 1000, sound, ...(rate === undefined ? {} : { framesPerS: rate }) };
  const opener = openerOf(wanted, systemClock);
  face.progress(face.say(cameraWords.filming, { seconds }));
  const { test: told, still } = await untilStopped(face, (signal) =>
    testCamera({ opener, makeStill: ffmpegStill, clock: systemClock }, wishes, signal),
  );
  if (still !== null) await writeFile(file, still, { flag: "wx", mode: 0o640 });
  if (options.json === true) face.printJson({ ...told, ...(still === null ? {} : { still: file }) });
  else face.print(...pairs(rows(face, told, still === null ? null : file)), ...verdict(face, told));
  return told.complaints.length === 0 ? 0 : 1;
}

/** One that no earlier test has. */
function stillName(): string {
  const time = new Date(systemClock.utcMs())
    .toISOString()
    .slice(0, 19)
    .replace(/[-:]/g, "")
    .replace("T", "-");
  return `camera-test-${time}.jpg`;
}

function rows(face: Face, told: CameraTest, file: string | null): [string, string][] {
  const { tracks, frames, av_offset_ms: offsetMs } = told;
  const lines: [string, string][] = tracks.map(({ kind, codec, width, height, rate_hz: rate }) =>
    kind === "video"
      ? [face.say(cameraWords.pictures), `${codec} ${width}x${height}`]
      : [face.say(cameraWords.sound), `${codec} ${rate} Hz`],
  );
  lines.push([face.say(cameraWords.bitRate), rateText(told.bits_per_s)]);
  if (frames !== undefined) {
    const { seen, expected, dropped, per_s: perS } = frames;
    lines.push([
      face.say(cameraWords.frames),
      face.say(cameraWords.framesText, { seen, expected, dropped, perS }),
    ]);
  }
  if (offsetMs !== undefined) lines.push([face.say(cameraWords.offset), `${offsetMs} ms`]);
  lines.push(
    [face.say(words.duration), face.say(cameraWords.times, { media: told.media_ms, wall: told.wall_ms })],
    [face.say(cameraWords.first), `${told.first_ms} ms`],
    [face.say(words.size), bytesText(told.bytes)],
  );
  if (told.sound_missing !== undefined) lines.push([face.say(cameraWords.soundMissing), told.sound_missing]);
  if (file !== null) lines.push([face.say(cameraWords.picture), file]);
  return lines;
}

function verdict(face: Face, { complaints }: CameraTest): string[] {
  if (complaints.length === 0) return [face.paint("green", face.say(cameraWords.good))];
  return complaints.map((complaint) => face.paint("red", face.say(cameraComplaints[complaint])));
}

function rateText(bitsPerS: number): string {
  return bitsPerS < 1_000_000
    ? `${Math.round(bitsPerS / 1000)} kbit/s`
    : `${(bitsPerS / 1_000_000).toFixed(2)} Mbit/s`;
}

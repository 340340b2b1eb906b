import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Runs ffmpeg and answers what it says on standard output; throws with its errors. */
export function ffmpeg(...args: string[]): string {
  return execFileSync("ffmpeg", ["-hide_banner", "-v", "error", "-nostdin", "-y", ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

export interface PlayedTrack {
  codec_type: string;
  codec_name: string;
  codec_tag_string: string;
  start_time: string;
  nb_read_frames: string;
}

/** Decodes every frame of a file, as a player would. Throws if ffprobe complains about it. */
export function play(path: string): { startS: number; durationS: number; tracks: PlayedTrack[] } {
  const entries =
    "format=start_time,duration:stream=codec_type,codec_name,codec_tag_string,start_time,nb_read_frames";
  const args = ["-v", "error", "-count_frames", "-show_entries", entries, "-of", "json", path];
  const { format, streams } = JSON.parse(execFileSync("ffprobe", args, { encoding: "utf8" }));
  return { startS: Number(format.start_time), durationS: Number(format.duration), tracks: streams };
}

/** Where the sound is silent for at least 0.3 s, seconds. */
export function silences(path: string): [fromS: number, toS: number][] {
  const filter = "silencedetect=n=-60dB:d=0.3,ametadata=print:file=-";
  const told = ffmpeg("-i", path, "-vn", "-af", filter, "-f", "null", "/dev/null");
  const found = (key: string) =>
    [...told.matchAll(new RegExp(`silence_${key}=([0-9.]+)`, "g"))].map((m) => Number(m[1]));
  const ends = found("end");
  return found("start").map((from, index) => [from, ends[index] ?? Number.POSITIVE_INFINITY]);
}

/** Digest of a track's packets as they are, without decoding. */
export function packetDigest(path: string, track: "v" | "a"): string {
  return ffmpeg("-i", path, "-map", `0:${track}:0`, "-c", "copy", "-f", "streamhash", "-");
}

/** Process ids of the ffmpeg processes that `parent` has started and that are not yet gone; zombies count. */
export function ffmpegChildren(parent = process.pid): number[] {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, "latin1").trim();
  return children
    .split(" ")
    .filter((pid) => pid !== "")
    .map(Number)
    .filter((pid) => processName(pid) === "ffmpeg");
}

/** null: there is no such process. */
export function processName(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/comm`, "latin1").trim();
  } catch {
    return null;
  }
}

import { AgentError } from "../../config/base/errors.ts";
import type { TrackPolicy } from "./camera.ts";
import type { FfmpegInput } from "./input.ts";
import type { OfferedTrack } from "./probe.ts";
import type { VideoEncoder } from "./video-encoder.ts";

export interface VideoPlan {
  readonly do: "copy" | "encode";
  readonly track: OfferedTrack;
}

export interface AudioPlan {
  /** `filter`: decoded, through the volume filter, encoded as AAC. */
  readonly do: "copy" | "filter";
  readonly track: OfferedTrack;
}

/** What happens to each track; at least one is there. */
export interface TrackPlan {
  readonly video: VideoPlan | null;
  readonly audio: AudioPlan | null;
}

export interface FfmpegArguments {
  readonly inputs: readonly FfmpegInput[];
  readonly output: readonly string[];
}

/** Name of the filter instance that `muteCommand` speaks to. */
const VOLUME_FILTER = "volume@mute";
const FRAGMENT_US = 500_000;
/** A microphone that died may hold the pictures up by this much; by ffmpeg's default it would be 10 s. */
const MAX_WAIT_US = 1_000_000;
/** Sound that every player knows; a rate that is none of these becomes the nearest one. */
const SOUND_FORMAT =
  "aformat=sample_rates=8000|11025|12000|16000|22050|24000|32000|44100|48000:channel_layouts=mono|stereo";

/**
 * Decides copy or encode for the first picture and the first sound. A camera's H.264 and H.265 is
 * never re-encoded; AAC is copied only where nobody may silence it, neither by muting nor by a
 * pre-event buffer without sound. Throws `camera-no-track`.
 */
export function planTracks(tracks: readonly OfferedTrack[], policy: TrackPolicy): TrackPlan {
  const picture = tracks.find((track) => track.kind === "video");
  const sound = policy.sound ? tracks.find((track) => track.kind === "audio") : undefined;
  if (picture === undefined && sound === undefined) {
    throw new AgentError("camera-no-track", "source", { next: "choose a source with pictures or sound" });
  }
  const copyPicture = picture?.codec === "h264" || picture?.codec === "hevc";
  const copySound = sound?.codec === "aac" && !policy.mutable && policy.preEventSound;
  return {
    video: picture === undefined ? null : { do: copyPicture ? "copy" : "encode", track: picture },
    audio: sound === undefined ? null : { do: copySound ? "copy" : "filter", track: sound },
  };
}

export interface EncodingChoices {
  readonly policy: TrackPolicy;
  /** Used only where the plan encodes pictures, as `keyframeMs`. */
  readonly encoder: VideoEncoder;
  readonly keyframeMs: number;
  /** How the sound starts. */
  readonly silent: boolean;
}

/** ffmpeg's arguments for fragmented MP4 on standard output. */
export function ffmpegArguments(
  inputs: readonly FfmpegInput[],
  plan: TrackPlan,
  choices: EncodingChoices,
): FfmpegArguments {
  return {
    inputs,
    output: [
      ...(plan.video === null ? [] : videoOptions(plan.video, choices)),
      ...(plan.audio === null ? [] : audioOptions(plan.audio, choices)),
      // no metadata, no chapters: they would differ from run to run and add tracks
      ...["-map_metadata", "-1", "-map_chapters", "-1"],
      // delay_moov: else AAC from MPEG-TS has no configuration and the offset of the tracks is lost.
      // Both frag_ options: a camera's keyframes may be 10 s apart, and sound has none.
      ...["-movflags", "frag_keyframe+empty_moov+default_base_moof+delay_moov+skip_trailer"],
      ...["-frag_duration", `${FRAGMENT_US}`, "-max_interleave_delta", `${MAX_WAIT_US}`, "-f", "mp4"],
    ],
  };
}

/** The line for ffmpeg's standard input that silences the sound or lets it through. */
export function muteCommand(silent: boolean): string {
  return `c${VOLUME_FILTER} -1 volume ${silent ? 0 : 1}\n`;
}

function videoOptions(plan: VideoPlan, { policy, encoder, keyframeMs }: EncodingChoices): string[] {
  const map = ["-map", `${plan.track.input}:${plan.track.stream}`];
  switch (plan.do) {
    case "copy":
      // hvc1: the parameter sets stand in the initialisation segment, as players want it
      return [...map, "-c:v", "copy", ...(plan.track.codec === "hevc" ? ["-tag:v", "hvc1"] : [])];
    case "encode":
      return [
        ...map,
        ...encoder.options,
        ...["-b:v", `${policy.videoBitsPerS}`, "-bf", "0"],
        ...["-force_key_frames", `expr:gte(t,n_forced*${keyframeMs / 1000})`],
      ];
  }
}

function audioOptions(plan: AudioPlan, { policy, silent }: EncodingChoices): string[] {
  const map = ["-map", `${plan.track.input}:${plan.track.stream}`];
  switch (plan.do) {
    case "copy":
      return [...map, "-c:a", "copy", "-bsf:a", "aac_adtstoasc"];
    case "filter":
      return [
        ...map,
        ...["-af", `${VOLUME_FILTER}=volume=${silent ? 0 : 1},${SOUND_FORMAT}`],
        ...["-c:a", "aac", "-b:a", `${policy.audioBitsPerS}`],
      ];
  }
}

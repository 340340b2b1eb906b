import { type Fragment, type TrackRun, ticksToUs } from "../../../capture/mp4/fragment.ts";
import type { StreamPart } from "../../../capture/mp4/fragment-reader.ts";
import type { InitSegment, Mp4Track } from "../../../capture/mp4/init-segment.ts";

export interface TrackMeasure {
  kind: "video" | "audio";
  codec: string;
  width?: number;
  height?: number;
  rate_hz?: number;
  samples: number;
}

export interface StreamMeasures {
  tracks: TrackMeasure[];
  /** Of the pictures, or of the sound where there are none. */
  media_ms: number;
  bytes: number;
  bits_per_s: number;
  /** Pictures, how many there should be in that time, and how many of them are missing. */
  frames?: { seen: number; expected: number; dropped: number; per_s: number };
  /** By how much the sound begins after the pictures; negative: before. */
  av_offset_ms?: number;
}

interface TrackSums {
  readonly track: Mp4Track;
  readonly fromTicks: bigint;
  toTicks: bigint;
  samples: number;
  /** Mean length of a sample in each fragment, ticks. */
  readonly meanTicks: number[];
}

/** A still is decoded from a keyframe on; a longer stretch is not kept. */
const MAX_GROUP_BYTES = 24 * 2 ** 20;

/** Adds up a stream of fragmented MP4, and keeps what a still needs. */
export class StreamMeasure {
  readonly #tracks = new Map<number, TrackSums>();
  #bytes = 0;
  #init: InitSegment | null = null;
  #group: Buffer[] = [];
  #groupBytes = 0;

  take(part: StreamPart): void {
    this.#init ??= part.init;
    if (part.kind === "init") return;
    const { fragment } = part;
    this.#bytes += fragment.bytes;
    for (const run of fragment.runs) this.#add(run);
    this.#keep(fragment);
  }

  /** So much media time has come, µs. */
  get mediaUs(): number {
    const timing = this.#init === null ? undefined : this.#tracks.get(this.#init.timing.id);
    return timing === undefined ? 0 : spanUs(timing);
  }

  /** The stream from its last keyframe on; null: there is no picture. */
  get lastPictures(): Buffer[] | null {
    const hasVideo = this.#init?.timing.kind === "video" && this.#group.length > 0;
    return hasVideo && this.#init !== null ? [this.#init.bytes, ...this.#group] : null;
  }

  /** `framesPerS`: what the camera was asked for; undefined: what it does most of the time is expected. */
  measures(framesPerS?: number): StreamMeasures {
    const sums = [...this.#tracks.values()];
    const video = sums.find(({ track }) => track.kind === "video");
    const audio = sums.find(({ track }) => track.kind === "audio");
    const mediaUs = this.mediaUs;
    return {
      tracks: sums.map(trackMeasure),
      media_ms: Math.round(mediaUs / 1000),
      bytes: this.#bytes,
      bits_per_s: mediaUs === 0 ? 0 : Math.round((this.#bytes * 8 * 1e6) / mediaUs),
      ...(video === undefined ? {} : { frames: framesOf(video, framesPerS) }),
      ...(video === undefined || audio === undefined
        ? {}
        : { av_offset_ms: Math.round((startUs(audio) - startUs(video)) / 1000) }),
    };
  }

  #add({ track, fromTicks, toTicks, samples }: TrackRun): void {
    const sums = this.#tracks.get(track.id) ?? { track, fromTicks, toTicks, samples: 0, meanTicks: [] };
    sums.toTicks = toTicks;
    sums.samples += samples;
    sums.meanTicks.push(Number(toTicks - fromTicks) / samples);
    this.#tracks.set(track.id, sums);
  }

  #keep(fragment: Fragment): void {
    if (fragment.timing?.key === true) {
      this.#group = [];
      this.#groupBytes = 0;
    } else if (this.#group.length === 0) return;
    this.#groupBytes += fragment.bytes;
    if (this.#groupBytes > MAX_GROUP_BYTES) this.#group = [];
    else this.#group.push(fragment.moof, ...fragment.mdat);
  }
}

function trackMeasure({ track, samples }: TrackSums): TrackMeasure {
  const { kind, codec, size, rateHz } = track;
  return {
    kind,
    codec,
    ...(size === undefined ? {} : { width: size.width, height: size.height }),
    ...(rateHz === undefined ? {} : { rate_hz: rateHz }),
    samples,
  };
}

/** ffmpeg hides lost pictures in longer samples: the time says how many there should be. */
function framesOf(video: TrackSums, framesPerS: number | undefined): NonNullable<StreamMeasures["frames"]> {
  const spanS = spanUs(video) / 1e6;
  const usualPerS = Number(video.track.timescale) / median(video.meanTicks);
  const expected = Math.round(spanS * (framesPerS ?? usualPerS));
  return {
    seen: video.samples,
    expected,
    dropped: Math.max(0, expected - video.samples),
    per_s: Math.round((video.samples / spanS) * 100) / 100,
  };
}

function startUs({ fromTicks, track }: TrackSums): number {
  return track.delayUs + ticksToUs(fromTicks, track.timescale);
}

function spanUs({ fromTicks, toTicks, track }: TrackSums): number {
  return ticksToUs(toTicks - fromTicks, track.timescale);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

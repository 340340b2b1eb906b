import { AgentError } from "../../config/base/errors.ts";
import type { LiveFragment } from "../live/live-fragment.ts";
import { type MediaTime, rebased, type TickSpan, ticksToUs } from "../mp4/fragment.ts";

/** A stretch of a recording's media time, µs from its start. */
export interface MediaSpan {
  readonly fromUs: number;
  readonly toUs: number;
}

/** A run of whole fragments, ready to be stored: the fields of `recording.chunk` (ledger-format §5). */
export interface MediaChunk extends MediaSpan {
  readonly key: boolean;
  readonly longestUs: number;
  readonly content: readonly Uint8Array[];
  readonly bytes: number;
  /** Lost frames inside: samples longer than 500 ms. */
  readonly losses: readonly MediaSpan[];
  /** Monotonic time at which the last of it arrived. */
  readonly arrivedMonoUs: number;
}

/**
 * A file's sound may outlast its pictures. When it is this far ahead of them they are taken to be over;
 * until then a picture that is shown for long is waited for.
 */
const PICTURES_OVER_US = 60_000_000;

/** What ffmpeg is asked for; fragments are about this long, keyframes cut them short. */
const FRAGMENT_US = 500_000;

interface OpenChunk {
  fragments: LiveFragment[];
  content: Uint8Array[];
  bytes: number;
}

/**
 * Joins one recording's fragments to chunks of at most `chunkMs`: cut before a keyframe where one
 * comes in time, else without one. Decode times are moved so that the recording starts at 0.
 */
export class Chunker {
  readonly #chunkUs: number;
  readonly #base: MediaTime;
  #open: OpenChunk | null = null;
  #nextFromUs: number | null = null;
  /** In the recording's time. */
  #closedToUs = 0;
  #lastKeyUs: number | null = null;
  #keyframeUs: number | null = null;

  /** `base`: the moment that becomes the recording's 0. */
  constructor(chunkMs: number, base: MediaTime) {
    this.#chunkUs = chunkMs * 1000;
    this.#base = base;
  }

  /** The stream's time that is the recording's 0, µs. */
  get baseUs(): number {
    return ticksToUs(this.#base.ticks, this.#base.timescale);
  }

  /**
   * Takes the next fragment and yields the chunks that are thereby complete, oldest first.
   * Throws `mp4-before-base` or `mp4-time-backwards`: then the stream's times are not to be believed.
   */
  *add(live: LiveFragment): Generator<MediaChunk, void, void> {
    if (live.key) this.#noteKeyframe(live.fromUs);
    if (this.#open !== null && this.#mustCutBefore(live)) yield* this.flush();
    const content = rebased(live.fragment, this.#base);
    this.#open ??= { fragments: [], content: [], bytes: 0 };
    this.#open.fragments.push(live);
    this.#open.content.push(...content);
    this.#open.bytes += live.fragment.bytes;
    this.#nextFromUs = live.toUs;
    if (this.#isFull(live.toUs)) yield* this.flush();
    else if (this.#picturesAreOver(this.#open, live.toUs)) yield* this.finish();
  }

  /** Yields what is open, if it has pictures; sound alone waits for them. */
  *flush(): Generator<MediaChunk, void, void> {
    const chunk = this.#open === null ? null : closed(this.#open, this.#base);
    if (chunk !== null) yield this.#closed(chunk);
  }

  /** Yields what is open, at the end. Sound without pictures is timed by itself from the last picture's end on. */
  *finish(): Generator<MediaChunk, void, void> {
    yield* this.flush();
    if (this.#open === null) return;
    const toUs = Math.max(endUs(this.#open, this.#base), this.#closedToUs + 1);
    yield this.#closed({
      ...{ fromUs: this.#closedToUs, toUs, key: false, longestUs: 0, losses: [] },
      content: this.#open.content,
      bytes: this.#open.bytes,
      arrivedMonoUs: (this.#open.fragments.at(-1) as LiveFragment).arrivedMonoUs,
    });
  }

  #closed(chunk: MediaChunk): MediaChunk {
    if (chunk.fromUs < this.#closedToUs)
      throw new AgentError("mp4-time-backwards", `${chunk.fromUs} µs after ${this.#closedToUs} µs`);
    this.#closedToUs = chunk.toUs;
    this.#open = null;
    return chunk;
  }

  #mustCutBefore(live: LiveFragment): boolean {
    // a jump in time lies between two chunks, never inside one
    if (live.fromUs !== this.#nextFromUs) return true;
    const fromUs = this.#openFromUs();
    if (live.toUs - fromUs > this.#chunkUs) return true;
    if (!live.key) return false;
    // at this keyframe, unless the next one still comes in time; half a chunk while that is unknown
    return live.fromUs - fromUs + (this.#keyframeUs ?? this.#chunkUs / 2) > this.#chunkUs;
  }

  /** Full when the next fragment would not fit, unless a keyframe may cut that one short. */
  #isFull(toUs: number): boolean {
    const fullUs = this.#openFromUs() + this.#chunkUs;
    if (toUs >= fullUs) return true;
    if (toUs + FRAGMENT_US <= fullUs || this.#lastKeyUs === null || this.#keyframeUs === null) return false;
    const dueUs = this.#lastKeyUs + this.#keyframeUs;
    return dueUs < toUs || dueUs > fullUs;
  }

  /** Infinity: there are no pictures in it yet. */
  #openFromUs(): number {
    const timed = this.#open?.fragments.find(({ fragment }) => fragment.timing !== null);
    return timed?.fromUs ?? Number.POSITIVE_INFINITY;
  }

  #picturesAreOver(open: OpenChunk, picturesToUs: number): boolean {
    const timedToUs = Math.max(this.#closedToUs, picturesToUs - this.baseUs);
    return endUs(open, this.#base) - timedToUs >= PICTURES_OVER_US;
  }

  #noteKeyframe(atUs: number): void {
    if (this.#lastKeyUs !== null) this.#keyframeUs = atUs - this.#lastKeyUs;
    this.#lastKeyUs = atUs;
  }
}

/** Where the last fragment's tracks end, in the recording's time. */
function endUs({ fragments }: OpenChunk, base: MediaTime): number {
  const runs = fragments.at(-1)?.fragment.runs ?? [];
  return Math.max(0, ...runs.map(({ track, toTicks }) => inRecording(toTicks, track.timescale, base)));
}

/** The very ticks that stand in the rebased tfdt, as µs, so that a reader finds the same. */
function inRecording(ticks: bigint, timescale: bigint, base: MediaTime): number {
  return ticksToUs(ticks - (base.ticks * timescale) / base.timescale, timescale);
}

/** null: no sample of the timing track in it. */
function closed(open: OpenChunk, base: MediaTime): MediaChunk | null {
  const timings = open.fragments.flatMap(({ fragment }) => fragment.timing ?? []);
  const first = timings[0];
  const last = timings.at(-1);
  const live = open.fragments.at(-1);
  if (first === undefined || last === undefined || live === undefined) return null;
  const { timescale } = live.init.timing;
  const span = ({ fromTicks, toTicks }: TickSpan): MediaSpan => ({
    fromUs: inRecording(fromTicks, timescale, base),
    toUs: inRecording(toTicks, timescale, base),
  });
  return {
    ...span({ fromTicks: first.fromTicks, toTicks: last.toTicks }),
    key: open.fragments[0]?.fragment.timing?.key === true,
    longestUs: timings.reduce(
      (longest, { longestTicks }) => Math.max(longest, ticksToUs(longestTicks, timescale)),
      0,
    ),
    content: open.content,
    bytes: open.bytes,
    losses: timings.flatMap(({ longSamples }) => longSamples.map(span)),
    arrivedMonoUs: live.arrivedMonoUs,
  };
}

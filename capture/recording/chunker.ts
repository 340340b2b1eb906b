import type { LiveFragment } from "../live/live-fragment.ts";
import { rebased, type TickSpan, ticksToUs } from "../mp4/fragment.ts";

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

/** What ffmpeg is asked for; fragments are about this long, keyframes cut them short. */
const FRAGMENT_US = 500_000;

interface OpenChunk {
  fragments: LiveFragment[];
  content: Uint8Array[];
  bytes: number;
}

/** A decode time in ticks of one track: the moment that becomes a recording's 0. */
export interface TimeBase {
  readonly ticks: bigint;
  readonly timescale: bigint;
}

/**
 * Joins one recording's fragments to chunks of at most `chunkMs`: cut before a keyframe where one
 * comes in time, else without one. Decode times are moved so that the recording starts at 0.
 */
export class Chunker {
  readonly #chunkUs: number;
  readonly #base: TimeBase;
  #open: OpenChunk | null = null;
  #nextFromUs: number | null = null;
  #lastKeyUs: number | null = null;
  #keyframeUs: number | null = null;

  constructor(chunkMs: number, base: TimeBase) {
    this.#chunkUs = chunkMs * 1000;
    this.#base = base;
  }

  /** The stream's time that is the recording's 0, µs. */
  get baseUs(): number {
    return ticksToUs(this.#base.ticks, this.#base.timescale);
  }

  /**
   * Takes the next fragment and yields the chunks that are thereby complete, oldest first.
   * Throws `mp4-before-base`: then the stream's times are not to be believed.
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
  }

  /**
   * Yields what is open. A tail without a sample of the timing track has no media time of its own:
   * it is kept open, and lost only if nothing follows.
   */
  *flush(): Generator<MediaChunk, void, void> {
    if (this.#open === null) return;
    const chunk = closed(this.#open, this.#base);
    if (chunk === null) return;
    this.#open = null;
    yield chunk;
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
    const endUs = this.#openFromUs() + this.#chunkUs;
    if (toUs >= endUs) return true;
    if (toUs + FRAGMENT_US <= endUs || this.#lastKeyUs === null || this.#keyframeUs === null) return false;
    const dueUs = this.#lastKeyUs + this.#keyframeUs;
    return dueUs < toUs || dueUs > endUs;
  }

  #openFromUs(): number {
    const timed = this.#open?.fragments.find(({ fragment }) => fragment.timing !== null);
    return timed?.fromUs ?? Number.POSITIVE_INFINITY;
  }

  #noteKeyframe(atUs: number): void {
    if (this.#lastKeyUs !== null) this.#keyframeUs = atUs - this.#lastKeyUs;
    this.#lastKeyUs = atUs;
  }
}

/** The earliest decode time of any track at the start of `fragments`: each track's first one counts. */
export function earliestStart(fragments: readonly LiveFragment[]): TimeBase {
  const starts = new Map<number, TimeBase>();
  for (const { fragment } of fragments) {
    for (const { track, fromTicks } of fragment.runs) {
      if (!starts.has(track.id)) starts.set(track.id, { ticks: fromTicks, timescale: track.timescale });
    }
  }
  const [first, ...others] = starts.values();
  if (first === undefined) return { ticks: 0n, timescale: 1n };
  return others.reduce((a, b) => (b.ticks * a.timescale < a.ticks * b.timescale ? b : a), first);
}

/** null: no sample of the timing track in it. */
function closed(open: OpenChunk, base: TimeBase): MediaChunk | null {
  const timings = open.fragments.flatMap(({ fragment }) => fragment.timing ?? []);
  const first = timings[0];
  const last = timings.at(-1);
  const live = open.fragments.at(-1);
  if (first === undefined || last === undefined || live === undefined) return null;
  const { timescale } = live.init.timing;
  // the very ticks that stand in the rebased tfdt, so that a reader finds the same µs
  const baseTicks = (base.ticks * timescale) / base.timescale;
  const span = ({ fromTicks, toTicks }: TickSpan): MediaSpan => ({
    fromUs: ticksToUs(fromTicks - baseTicks, timescale),
    toUs: ticksToUs(toTicks - baseTicks, timescale),
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

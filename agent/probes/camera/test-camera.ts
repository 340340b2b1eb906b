import { FragmentReader } from "../../../capture/mp4/fragment-reader.ts";
import type { CameraFeed, CameraOpener } from "../../../capture/source/camera.ts";
import type { MakeStill } from "../../../capture/source/still.ts";
import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import { StreamMeasure, type StreamMeasures } from "./stream-measure.ts";

/** What is wrong with a stream; none of them: it will do. */
export type CameraComplaint =
  | "no-pictures"
  | "no-sound"
  | "frames-dropped"
  | "av-offset"
  | "too-slow"
  | "ended-early";

export interface CameraTest extends StreamMeasures {
  /** From the opening to the first fragment. */
  first_ms: number;
  /** From the first fragment to the last. */
  wall_ms: number;
  /** Why the microphone is left out. */
  sound_missing?: string;
  complaints: CameraComplaint[];
}

export interface CameraTestParts {
  opener: CameraOpener;
  makeStill: MakeStill;
  clock: Clock;
}

export interface CameraTestWishes {
  /** How much media time is filmed. */
  ms: number;
  framesPerS?: number;
  /** Whether there should be sound. */
  sound: boolean;
}

/** A network camera needs some seconds until the first fragment. */
const FIRST_FRAGMENT_MS = 15_000;
/** A stream that takes twice its time is told as too slow; it need not be waited for longer. */
const MOST_TIMES = 2;
/** GA/T 947 allows an offset of 1 s. */
const MAX_OFFSET_MS = 1_000;
const MAX_DROPPED_SHARE = 0.01;
/** Fragments come in steps of half a second. */
const SLACK_MS = 1_000;

/**
 * Films as the recorder does, and measures. `still` is a JPEG of a late picture; null: there are no pictures.
 * Throws what opening throws, `camera-silent` when nothing comes, `camera-unavailable`, an `mp4-…` code,
 * `photo-failed`, or the signal's reason.
 */
export async function testCamera(
  { opener, makeStill, clock }: CameraTestParts,
  wishes: CameraTestWishes,
  signal: AbortSignal,
): Promise<{ test: CameraTest; still: Buffer | null }> {
  const filming = new Filming(clock, wishes.ms);
  const feed = await opener.open({ silent: false, onBytes: (piece) => filming.take(piece), signal });
  try {
    await until(feed, filming, clock, wishes.ms, signal);
  } finally {
    await feed.stop("flush");
  }
  filming.check(await feed.ended);
  const { measure, firstMs, wallMs } = filming;
  const measures = measure.measures(wishes.framesPerS);
  const pictures = measure.lastPictures;
  return {
    test: {
      first_ms: firstMs,
      wall_ms: wallMs,
      ...measures,
      ...(feed.missing === null ? {} : { sound_missing: feed.missing.message }),
      complaints: complaintsOf(measures, wallMs, wishes),
    },
    still: pictures === null ? null : await makeStill(pictures, 0, signal),
  };
}

/** What has come, and when. */
class Filming {
  readonly measure = new StreamMeasure();
  readonly enough: Promise<void>;
  readonly #reader = new FragmentReader();
  readonly #clock: Clock;
  readonly #wantedUs: number;
  readonly #openedUs: number;
  #firstUs: number | null = null;
  #lastUs = 0;
  #failure: unknown = null;
  #isOver = false;
  #tellEnough: () => void = () => {};

  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#wantedUs = ms * 1000;
    this.#openedUs = clock.monoUs();
    this.enough = new Promise((resolve) => {
      this.#tellEnough = resolve;
    });
  }

  get hasBegun(): boolean {
    return this.#firstUs !== null;
  }

  get firstMs(): number {
    return Math.round(((this.#firstUs ?? this.#openedUs) - this.#openedUs) / 1000);
  }

  get wallMs(): number {
    return Math.round((this.#lastUs - (this.#firstUs ?? this.#lastUs)) / 1000);
  }

  /** Never throws: it is called from inside ffmpeg's output pipe. */
  take(piece: Buffer): void {
    if (this.#isOver) return;
    try {
      for (const part of this.#reader.push(piece)) {
        this.measure.take(part);
        if (part.kind !== "fragment") continue;
        this.#lastUs = this.#clock.monoUs();
        this.#firstUs ??= this.#lastUs;
        if (this.measure.mediaUs < this.#wantedUs) continue;
        this.#end();
        return;
      }
    } catch (error) {
      this.#failure = error;
      this.#end();
    }
  }

  /** Throws what went wrong, if it did. */
  check({ detail }: Awaited<CameraFeed["ended"]>): void {
    if (this.#failure !== null) throw this.#failure;
    if (!this.hasBegun) {
      throw new AgentError("camera-silent", detail === "" ? "nothing came" : detail.slice(0, 300));
    }
  }

  #end(): void {
    this.#isOver = true;
    this.#tellEnough();
  }
}

/** Resolves when enough has come, when the stream is over, or when it is no use to wait any longer. */
async function until(
  feed: CameraFeed,
  filming: Filming,
  clock: Clock,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const limits = AbortSignal.any([signal, over.signal]);
  const late = async () => {
    await clock.sleep(FIRST_FRAGMENT_MS, limits);
    if (filming.hasBegun) await clock.sleep(ms * MOST_TIMES, limits);
  };
  try {
    await Promise.race([filming.enough, feed.ended, late()]);
  } finally {
    over.abort();
  }
  signal.throwIfAborted();
}

function complaintsOf(
  { tracks, frames, av_offset_ms: offsetMs, media_ms: mediaMs }: StreamMeasures,
  wallMs: number,
  { ms, sound }: CameraTestWishes,
): CameraComplaint[] {
  const has = (kind: "video" | "audio") => tracks.some((track) => track.kind === kind);
  const found: [CameraComplaint, boolean][] = [
    ["no-pictures", !has("video")],
    ["no-sound", sound && !has("audio")],
    ["frames-dropped", frames !== undefined && frames.dropped > frames.expected * MAX_DROPPED_SHARE],
    ["av-offset", offsetMs !== undefined && Math.abs(offsetMs) > MAX_OFFSET_MS],
    ["too-slow", wallMs > mediaMs + SLACK_MS],
    ["ended-early", mediaMs < ms - SLACK_MS],
  ];
  return found.flatMap(([complaint, isSo]) => (isSo ? [complaint] : []));
}

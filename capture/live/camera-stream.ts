import type { Clock } from "../../config/base/clock.ts";
import type { Counters } from "../../config/base/counters.ts";
import { errorCode } from "../../config/base/errors.ts";
import type { Logger } from "../../config/base/logger.ts";
import { FragmentReader } from "../mp4/fragment-reader.ts";
import type { CameraFeed, CameraOpener, FeedEnd } from "../source/camera.ts";
import { type LiveFragment, liveFragment } from "./live-fragment.ts";
import { MediaClock } from "./media-clock.ts";

/** Why a stream is over, as far as can be told from outside ffmpeg. */
export type LossReason =
  | "camera-lost"
  | "encoder-stalled"
  | "clock-strayed"
  | "stream-broken"
  | "source-ended";

export interface CameraLoss {
  readonly why: LossReason;
  readonly detail: string;
  /** Since when nothing has come, on the injected clock. */
  readonly sinceMonoUs: number;
}

/** Why one recording cannot hold all of a stream that goes on. */
export type SplitReason =
  /** Another initialisation segment. */
  | "stream-changed"
  /** A file is read or encoded more slowly than it should play. */
  | "clock-strayed";

/** Told about one stream, in order. */
export interface StreamListener {
  /** The camera is open; `missing`: why the microphone's sound is left out, null: it is not. */
  opened(missing: string | null): void;
  /** Throws an `mp4-…` error if the stream's times cannot be recorded; the stream is then given up. */
  fragment(live: LiveFragment): void;
  /** What follows belongs into another recording. */
  split(why: SplitReason): void;
  readonly recording: boolean;
}

export interface StreamParts {
  readonly opener: CameraOpener;
  readonly clock: Clock;
  readonly log: Logger;
  readonly counters: Counters;
}

/** No fragment for this long: the camera is lost or ffmpeg hangs. */
const STALL_US = 2_500_000;
/** A network camera needs some seconds until the first fragment. */
const FIRST_FRAGMENT_US = 12_000_000;
/** A file may show one picture for long, and one of its tracks may begin late. */
const FILE_STALL_US = 60_000_000;
const WATCH_MS = 100;
/** A watch that slept far longer was itself held up; what waits in the pipe must be read first. */
const HELD_UP_US = 1_000_000;

type Reason = Pick<CameraLoss, "why" | "detail">;

/** One life of a feed, from its start to its end. */
export class CameraStream {
  readonly #parts: StreamParts;
  readonly #listener: StreamListener;
  readonly bornSilent: boolean;
  #silent: boolean;
  readonly #reader = new FragmentReader();
  #mediaClock = new MediaClock();
  readonly #failed = new AbortController();
  #feed: CameraFeed | null = null;
  #failure: Reason | null = null;
  #inits = 0;
  #latest: LiveFragment | null = null;
  #progressMonoUs: number;
  #delivered = false;
  /** A file has strayed: its next keyframe begins another recording. */
  #splitDue = false;

  constructor(parts: StreamParts, listener: StreamListener, silent: boolean) {
    this.#parts = parts;
    this.#listener = listener;
    this.bornSilent = silent;
    this.#silent = silent;
    this.#progressMonoUs = parts.clock.monoUs();
  }

  /** True once a fragment has come. */
  get delivered(): boolean {
    return this.#delivered;
  }

  liveUs(): number | null {
    return this.#delivered ? this.#mediaClock.liveUs(this.#parts.clock.monoUs()) : null;
  }

  get silenceable(): boolean | null {
    return this.#feed?.silenceable ?? null;
  }

  setSilent(silent: boolean): void {
    this.#silent = silent;
    this.#feed?.setSilent(silent);
  }

  /** `onLoss` is called as soon as the loss is noticed, before the process is gone. null: the signal ended it. */
  async run(signal: AbortSignal, onLoss: (loss: CameraLoss) => void): Promise<CameraLoss | null> {
    const { opener, log } = this.#parts;
    try {
      this.#feed = await opener.open({
        silent: this.bornSilent,
        onBytes: (piece) => this.#take(piece),
        signal,
      });
    } catch (error) {
      if (signal.aborted) return null;
      log.warn({ err: error }, "camera does not open");
      return this.#loss(onLoss, { why: "camera-lost", detail: inWords(error) });
    }
    this.#listener.opened(this.#feed.missing === null ? null : inWords(this.#feed.missing));
    // the button may have been pressed while the camera was opening
    if (this.#silent !== this.bornSilent) this.#feed.setSilent(this.#silent);
    return await this.#follow(this.#feed, signal, onLoss);
  }

  async #follow(
    feed: CameraFeed,
    signal: AbortSignal,
    onLoss: (loss: CameraLoss) => void,
  ): Promise<CameraLoss | null> {
    const over = new AbortController();
    const outcome = await Promise.race([
      feed.ended,
      this.#stalled(AbortSignal.any([signal, over.signal])),
      aborted(this.#failed.signal, over.signal),
      aborted(signal, over.signal),
    ]);
    over.abort();
    if (signal.aborted) {
      await feed.stop("flush");
      return null;
    }
    const pending = this.#reader.pendingBytes;
    if (pending > 0) this.#parts.counters.add("stream-bytes-lost", pending);
    const reason = this.#failure ?? (await this.#explain(feed, outcome));
    // a file that cannot be read to its end has ended all the same: starting again would repeat it
    const isOver = this.#parts.opener.finite && this.#delivered && reason.why !== "encoder-stalled";
    const loss = this.#loss(onLoss, isOver ? { ...reason, why: "source-ended" } : reason);
    await feed.stop("kill");
    return loss;
  }

  async #explain(feed: CameraFeed, end: FeedEnd | "stalled" | null): Promise<Reason> {
    if (end === "stalled" || end === null) {
      return (await feed.isHeld())
        ? { why: "encoder-stalled", detail: "the process is stopped" }
        : { why: "camera-lost", detail: "nothing came" };
    }
    switch (end.kind) {
      case "killed":
        return { why: "encoder-stalled", detail: end.detail };
      case "ended":
      case "failed":
        return { why: "camera-lost", detail: end.detail };
    }
  }

  #loss(onLoss: (loss: CameraLoss) => void, reason: Reason): CameraLoss {
    const loss = { ...reason, sinceMonoUs: this.#progressMonoUs };
    // no byte counts any more, not even what a dying process still delivers
    this.#failure ??= reason;
    onLoss(loss);
    return loss;
  }

  /** Never throws: it is called from inside ffmpeg's output pipe. */
  #take(piece: Buffer): void {
    if (this.#failure !== null) return;
    try {
      for (const part of this.#reader.push(piece)) {
        if (part.kind === "fragment") {
          const { fragment, init } = part;
          this.#latest = liveFragment(fragment, init, this.#latest, this.#parts.clock.monoUs());
          this.#takeFragment(this.#latest);
        } else if (++this.#inits > 1) {
          this.#listener.split("stream-changed");
        }
        if (this.#failure !== null) return;
      }
    } catch (error) {
      this.#parts.log.warn({ err: error }, "stream cannot be read");
      this.#parts.counters.add(errorCode(error));
      this.#fail({ why: "stream-broken", detail: errorCode(error) });
    }
  }

  #takeFragment(live: LiveFragment): void {
    if (live.fragment.timing !== null) {
      if (!this.#observe(live)) this.#strayed(live);
      if (this.#failure !== null) return;
      this.#delivered = true;
    }
    if (this.#splitDue && live.key) {
      this.#splitDue = false;
      this.#listener.split("clock-strayed");
    }
    // a file's pictures may end before its sound does; a camera's may not
    if (live.fragment.timing !== null || this.#parts.opener.finite) this.#progressMonoUs = live.arrivedMonoUs;
    this.#listener.fragment(live);
  }

  #observe({ toUs, arrivedMonoUs }: LiveFragment): boolean {
    return this.#mediaClock.observe(toUs, arrivedMonoUs, { recording: this.#listener.recording });
  }

  #strayed(live: LiveFragment): void {
    if (!this.#parts.opener.finite) {
      this.#fail({ why: "clock-strayed", detail: `at ${live.toUs} µs` });
      return;
    }
    // a file's time is its own: it is slow, not wrong, and none of it is lost
    this.#mediaClock = new MediaClock();
    this.#observe(live);
    this.#splitDue = true;
  }

  #fail(failure: Reason): void {
    this.#failure = failure;
    this.#failed.abort();
  }

  /** Resolves `stalled` when no fragment has come for too long, null at the signal. */
  async #stalled(signal: AbortSignal): Promise<"stalled" | null> {
    const { clock } = this.#parts;
    let watchedMonoUs = clock.monoUs();
    this.#progressMonoUs = watchedMonoUs;
    while (!signal.aborted) {
      await clock.sleep(WATCH_MS, signal).catch(() => undefined);
      const nowMonoUs = clock.monoUs();
      if (nowMonoUs - watchedMonoUs > HELD_UP_US) this.#progressMonoUs = nowMonoUs;
      watchedMonoUs = nowMonoUs;
      if (!signal.aborted && (await this.#isTooLong(nowMonoUs - this.#progressMonoUs))) return "stalled";
    }
    return null;
  }

  async #isTooLong(silentUs: number): Promise<boolean> {
    if (this.#parts.opener.finite) {
      if (silentUs > FILE_STALL_US) return true;
      return silentUs > STALL_US && (await this.#feed?.isHeld()) === true;
    }
    return silentUs > (this.#delivered ? STALL_US : FIRST_FRAGMENT_US);
  }
}

/** An error with its cause, for a person. */
function inWords(error: unknown): string {
  if (!(error instanceof Error)) return errorCode(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** Resolves null when `signal` aborts; `over` releases the listener. */
async function aborted(signal: AbortSignal, over: AbortSignal): Promise<null> {
  if (signal.aborted) return null;
  return await new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(null), { once: true, signal: over });
  });
}

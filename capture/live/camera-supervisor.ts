import { backoff } from "../../config/base/backoff.ts";
import type { Clock } from "../../config/base/clock.ts";
import type { Counters } from "../../config/base/counters.ts";
import { errorCode } from "../../config/base/errors.ts";
import type { Logger } from "../../config/base/logger.ts";
import type { Random } from "../../config/base/random.ts";
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

/** Told about the stream, in order. `down` comes once for each loss, however many restarts fail. */
export interface CameraListener {
  /** Throws an `mp4-…` error if the stream's times cannot be recorded; the stream is then restarted. */
  fragment(live: LiveFragment): void;
  /** The stream goes on with another initialisation segment. */
  changed(): void;
  down(loss: CameraLoss): void;
  readonly recording: boolean;
}

export interface SupervisorOptions {
  readonly opener: CameraOpener;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly counters: Counters;
}

/** No fragment for this long: the camera is lost or ffmpeg hangs. */
const STALL_US = 2_500_000;
/** A network camera needs some seconds until the first fragment. */
const FIRST_FRAGMENT_US = 12_000_000;
const WATCH_MS = 100;
/** A watch that slept far longer was itself held up; what waits in the pipe must be read first. */
const HELD_UP_US = 1_000_000;
const FIRST_RESTART_MS = 500;
const LAST_RESTART_MS = 10_000;

/** Keeps one camera's stream running: watches it, ends it when it hangs or lies, starts it again. */
export class CameraSupervisor {
  readonly #options: SupervisorOptions;
  readonly #listener: CameraListener;
  #stream: CameraStream | null = null;
  #silent = false;
  #down = false;

  constructor(options: SupervisorOptions, listener: CameraListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** The stream's time now, µs; null: no stream. */
  liveUs(): number | null {
    return this.#stream?.liveUs() ?? null;
  }

  /** Whether the present stream has sound that can be silenced; null: no stream. */
  get silenceable(): boolean | null {
    return this.#stream?.silenceable ?? null;
  }

  /** Silences the sound of this stream and of every later one. */
  setSilent(silent: boolean): void {
    this.#silent = silent;
    this.#stream?.setSilent(silent);
  }

  /** Streams until the signal, or until a source that has an end has ended; then no process is left. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, opener, log, counters } = this.#options;
    let waits = backoff(FIRST_RESTART_MS, LAST_RESTART_MS, random);
    while (!signal.aborted) {
      const stream = new CameraStream(this.#options, this.#listenerOf(), this.#silent);
      this.#stream = stream;
      const loss = await stream.run(signal, (lost) => this.#lost(lost));
      this.#stream = null;
      if (loss === null || (loss.why === "source-ended" && opener.finite)) return;
      counters.add(loss.why);
      if (stream.delivered) waits = backoff(FIRST_RESTART_MS, LAST_RESTART_MS, random);
      const waitMs = waits.next().value;
      log.debug({ waitMs, why: loss.why }, "camera restarts");
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  }

  #listenerOf(): Pick<CameraListener, "fragment" | "changed" | "recording"> {
    const listener = this.#listener;
    return {
      fragment: (live) => {
        this.#down = false;
        listener.fragment(live);
      },
      changed: () => listener.changed(),
      get recording() {
        return listener.recording;
      },
    };
  }

  #lost(loss: CameraLoss): void {
    if (this.#down) return;
    this.#down = true;
    this.#listener.down(loss);
  }
}

/** One life of a feed, from its start to its end. */
class CameraStream {
  readonly #options: SupervisorOptions;
  readonly #listener: Pick<CameraListener, "fragment" | "changed" | "recording">;
  #silent: boolean;
  readonly #reader = new FragmentReader();
  readonly #mediaClock = new MediaClock();
  readonly #failed = new AbortController();
  #feed: CameraFeed | null = null;
  #failure: Pick<CameraLoss, "why" | "detail"> | null = null;
  #inits = 0;
  #toUs = 0;
  #progressMonoUs: number;
  #delivered = false;

  constructor(
    options: SupervisorOptions,
    listener: Pick<CameraListener, "fragment" | "changed" | "recording">,
    silent: boolean,
  ) {
    this.#options = options;
    this.#listener = listener;
    this.#silent = silent;
    this.#progressMonoUs = options.clock.monoUs();
  }

  /** True once a fragment has come. */
  get delivered(): boolean {
    return this.#delivered;
  }

  liveUs(): number | null {
    return this.#delivered ? this.#mediaClock.liveUs(this.#options.clock.monoUs()) : null;
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
    const { opener, log } = this.#options;
    const silent = this.#silent;
    try {
      this.#feed = await opener.open({ silent, onBytes: (piece) => this.#take(piece), signal });
    } catch (error) {
      if (signal.aborted) return null;
      log.warn({ err: error }, "camera does not open");
      return this.#loss(onLoss, { why: "camera-lost", detail: errorCode(error) });
    }
    // the button may have been pressed while the camera was opening
    if (this.#silent !== silent) this.#feed.setSilent(this.#silent);
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
    if (pending > 0) this.#options.counters.add("stream-bytes-lost", pending);
    const loss = this.#loss(onLoss, this.#failure ?? (await this.#explain(feed, outcome)));
    await feed.stop("kill");
    return loss;
  }

  async #explain(
    feed: CameraFeed,
    end: FeedEnd | "stalled" | null,
  ): Promise<Pick<CameraLoss, "why" | "detail">> {
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
        // a file that cannot be read to its end has ended all the same: starting again would repeat it
        return this.#options.opener.finite && this.#delivered
          ? { why: "source-ended", detail: end.detail }
          : { why: "camera-lost", detail: end.detail };
    }
  }

  #loss(onLoss: (loss: CameraLoss) => void, reason: Pick<CameraLoss, "why" | "detail">): CameraLoss {
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
          this.#takeFragment(
            liveFragment(part.fragment, part.init, this.#toUs, this.#options.clock.monoUs()),
          );
        } else if (++this.#inits > 1) {
          this.#listener.changed();
        }
        if (this.#failure !== null) return;
      }
    } catch (error) {
      this.#options.log.warn({ err: error }, "stream cannot be read");
      this.#options.counters.add(errorCode(error));
      this.#fail({ why: "stream-broken", detail: errorCode(error) });
    }
  }

  #takeFragment(live: LiveFragment): void {
    const { recording } = this.#listener;
    this.#toUs = live.toUs;
    if (live.fragment.timing !== null) {
      if (!this.#mediaClock.observe(live.toUs, live.arrivedMonoUs, { recording })) {
        this.#fail({ why: "clock-strayed", detail: `at ${live.toUs} µs` });
        return;
      }
      this.#progressMonoUs = live.arrivedMonoUs;
      this.#delivered = true;
    }
    this.#listener.fragment(live);
  }

  #fail(failure: Pick<CameraLoss, "why" | "detail">): void {
    this.#failure = failure;
    this.#failed.abort();
  }

  /** Resolves `stalled` when no fragment has come for too long, null at the signal. */
  async #stalled(signal: AbortSignal): Promise<"stalled" | null> {
    const { clock } = this.#options;
    let watchedMonoUs = clock.monoUs();
    this.#progressMonoUs = watchedMonoUs;
    while (!signal.aborted) {
      await clock.sleep(WATCH_MS, signal).catch(() => undefined);
      const nowMonoUs = clock.monoUs();
      if (nowMonoUs - watchedMonoUs > HELD_UP_US) this.#progressMonoUs = nowMonoUs;
      watchedMonoUs = nowMonoUs;
      const limitUs = this.#delivered ? STALL_US : FIRST_FRAGMENT_US;
      if (!signal.aborted && nowMonoUs - this.#progressMonoUs > limitUs) return "stalled";
    }
    return null;
  }
}

/** Resolves null when `signal` aborts; `over` releases the listener. */
async function aborted(signal: AbortSignal, over: AbortSignal): Promise<null> {
  if (signal.aborted) return null;
  return await new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(null), { once: true, signal: over });
  });
}

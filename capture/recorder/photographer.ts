import type { Clock } from "../../config/base/clock.ts";
import { AgentError } from "../../config/base/errors.ts";
import type { EvidenceWriter } from "../../crypto/entry/writer.ts";
import { earliestStart, type LiveFragment } from "../live/live-fragment.ts";
import { ticksToUs } from "../mp4/fragment.ts";
import type { EvidenceQueue } from "../recording/evidence-queue.ts";
import type { MakeStill } from "../source/still.ts";

/** A photo that is durable. */
export interface PhotoTaken {
  readonly digest: string;
  readonly bytes: number;
  /** The recording that was running, and where in its media time the photo is. */
  readonly during: { readonly rec: string; readonly atUs: number } | null;
}

/** What stands behind the button at the moment that it is pressed. */
export interface PhotoMoment {
  /** The stream's time, µs; null: there are no pictures. */
  readonly liveUs: number | null;
  /** The recording that runs, and its time at a moment of the stream's; null: none. */
  readonly recording: { readonly rec: string; mediaUsAt(streamUs: number): number } | null;
}

export interface PhotographerParts {
  readonly makeStill: MakeStill;
  readonly writer: EvidenceWriter;
  readonly queue: EvidenceQueue;
  readonly clock: Clock;
  /** The pre-event buffer: starts with a keyframe, ends with the newest fragment. */
  readonly fragments: () => readonly LiveFragment[];
}

/** Photos that are being made or wait for their turn; a finger is not faster. */
const MAX_WAITING = 4;
/** A fragment comes up to this long after the moment that it shows. */
const FRAGMENT_WAIT_MS = 3_000;
/** Enough for 10 s between keyframes at 20 Mbit/s; of a longer stretch an earlier picture is taken. */
const MAX_INPUT_BYTES = 24 * 2 ** 20;

/** Makes stills from the running stream, one at a time, without touching what is recorded. */
export class Photographer {
  readonly #parts: PhotographerParts;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  readonly #arrivals: (() => void)[] = [];

  constructor(parts: PhotographerParts) {
    this.#parts = parts;
  }

  /** A fragment has come, and stands in the buffer. */
  arrived(): void {
    for (const tell of this.#arrivals.splice(0)) tell();
  }

  /**
   * Resolves when the photo is durable. Throws `camera-not-ready`, `photo-busy`, `photo-failed`, the signal's
   * reason, or the writer's error.
   */
  async take(moment: PhotoMoment, by: string | undefined, signal: AbortSignal): Promise<PhotoTaken> {
    if (moment.liveUs === null) throw noPicture();
    if (this.#waiting >= MAX_WAITING) {
      throw new AgentError("photo-busy", `${this.#waiting} photos`, { next: "wait a moment" });
    }
    this.#waiting++;
    const { liveUs, recording } = moment;
    const photo = this.#turn.then(() => this.#make(liveUs, recording, by, signal));
    this.#turn = photo.catch(() => undefined);
    return await photo.finally(() => {
      this.#waiting--;
    });
  }

  async #make(
    liveUs: number,
    recording: PhotoMoment["recording"],
    by: string | undefined,
    signal: AbortSignal,
  ): Promise<PhotoTaken> {
    signal.throwIfAborted();
    await this.#untilShown(liveUs, signal);
    const group = groupAt(this.#parts.fragments(), liveUs);
    const [first, last] = [group[0], group.at(-1)];
    if (first === undefined || last === undefined) throw noPicture();
    const { makeStill, queue, writer } = this.#parts;
    const content = [first.init.bytes, ...group.flatMap(({ fragment }) => [fragment.moof, ...fragment.mdat])];
    const shownUs = Math.min(liveUs, lastPictureUs(last));
    const zero = earliestStart(first);
    const jpeg = await makeStill(
      content,
      Math.max(0, shownUs - ticksToUs(zero.ticks, zero.timescale)),
      signal,
    );
    const during =
      recording === null
        ? null
        : { rec: recording.rec, atUs: recording.mediaUsAt(Math.min(liveUs, last.toUs)) };
    const { digest, bytes } = await queue.add(jpeg.length, () =>
      writer.appendMedia(
        {
          type: "recording.photo",
          mime: "image/jpeg",
          ...(during === null ? {} : { rec: during.rec, at_us: during.atUs }),
          ...(by === undefined ? {} : { by }),
        },
        [jpeg],
      ),
    );
    return { digest, bytes, during };
  }

  /** Resolves when the buffer holds the moment, or when it does not come in time. */
  async #untilShown(liveUs: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const timeout = this.#parts.clock.sleep(FRAGMENT_WAIT_MS, AbortSignal.any([signal, over.signal])).then(
      () => "late" as const,
      () => "late" as const,
    );
    try {
      while ((this.#parts.fragments().at(-1)?.toUs ?? 0) <= liveUs) {
        const arrival = new Promise<"arrived">((resolve) => this.#arrivals.push(() => resolve("arrived")));
        if ((await Promise.race([arrival, timeout])) === "late") break;
      }
    } finally {
      over.abort();
    }
    signal.throwIfAborted();
  }
}

/** What has to be decoded for the picture at `liveUs`: from the keyframe before it to the fragment that holds it. */
function groupAt(fragments: readonly LiveFragment[], liveUs: number): LiveFragment[] {
  const before = fragments.findLastIndex(({ key, fromUs }) => key && fromUs <= liveUs);
  const from = before === -1 ? fragments.findLastIndex(({ key }) => key) : before;
  const group: LiveFragment[] = [];
  let bytes = 0;
  for (const live of from === -1 ? [] : fragments.slice(from)) {
    bytes += live.fragment.bytes;
    const isEnough = group.length > 0 && (live.fromUs > liveUs || bytes > MAX_INPUT_BYTES);
    if (isEnough) break;
    group.push(live);
  }
  return group;
}

/** Not later than the start of its last picture, whatever the order in which pictures are shown. */
function lastPictureUs({ fragment, init, toUs, fromUs }: LiveFragment): number {
  if (fragment.timing === null) return fromUs;
  return toUs - 2 * ticksToUs(fragment.timing.longestTicks, init.timing.timescale);
}

function noPicture(): AgentError {
  return new AgentError("camera-not-ready", "no picture", { next: "see fulltrace status" });
}

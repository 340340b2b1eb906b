import { AgentError, errorCode } from "../../config/base/errors.ts";
import type { Gap } from "../../crypto/entry/ledger-types.ts";
import type { LiveChunk, Position, RecordingStart, Track } from "../../crypto/entry/recording-types.ts";
import type { AppendedMedia, EvidenceWriter } from "../../crypto/entry/writer.ts";
import { earliestStart, type LiveFragment } from "../live/live-fragment.ts";
import type { InitSegment } from "../mp4/init-segment.ts";
import { Chunker, type MediaChunk, type MediaSpan } from "./chunker.ts";
import type { EvidenceQueue } from "./evidence-queue.ts";
import type { Silence, SilenceLog } from "./silence-log.ts";

/** What the wearer asked for, from the button press until the stop: fields of `recording.start`. */
export interface Wish {
  readonly trigger: string;
  readonly wearer?: string;
  readonly activity?: string;
  /** The recording that was interrupted and is to be continued. */
  readonly continues?: string;
}

/** A recording that is closed: `recording.stop` is durable. */
export interface RecordingSummary {
  readonly rec: string;
  readonly reason: string;
  readonly chunks: number;
  /** Stored bytes of its chunks. */
  readonly bytes: number;
}

export interface RecordingOptions {
  readonly rec: string;
  readonly wish: Wish;
  readonly preEventMs: number;
  readonly chunkMs: number;
  /** At most this many media bytes may wait for the writer. */
  readonly maxHeldBytes: number;
  readonly writer: EvidenceWriter;
  readonly queue: EvidenceQueue;
  /** When the stream's sound was silenced. */
  readonly silences: SilenceLog;
  /** A chunk is durable. */
  readonly onChunk: (chunk: { rec: string; n: number; stored: AppendedMedia }) => void;
  /** The writer refused a chunk; the recording takes no more and wants to be sealed. */
  readonly onRefused: (error: unknown) => void;
}

/** Sound may begin before the pictures by this much; more is a stretch without pictures, and signed. */
const MAX_LEAD_US = 500_000;

/** Before the longest length is reached, a keyframe to end at is waited for this long. */
const MAX_KEYFRAME_WAIT_US = 15_000_000;

/** One recording from its start to its stop, as entries (ledger-format §5). */
export class Recording {
  readonly rec: string;
  readonly #options: RecordingOptions;
  readonly #chunker: Chunker;
  /** Settles as `seal` does. */
  readonly sealed: Promise<RecordingSummary>;
  #settle: (stopped: Promise<RecordingSummary>) => void = () => undefined;
  #handedOver = 0;
  #stored = { chunks: 0, bytes: 0 };
  #position: Position | null = null;
  #mediaUs = 0;
  #chunkedUs: number | null = null;
  #handedOverMonoUs: number;
  #storedMonoUs: number;
  #started = false;
  #refusal: unknown = null;
  readonly #signedSilences = new WeakSet<Silence>();

  /** `first`: the fragment that it begins with; it still has to be added. */
  constructor(options: RecordingOptions, first: LiveFragment) {
    this.rec = options.rec;
    this.sealed = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.sealed.catch(() => undefined);
    this.#options = options;
    this.#chunker = new Chunker(options.chunkMs, earliestStart(first));
    this.#storedMonoUs = first.arrivedMonoUs;
    this.#handedOverMonoUs = this.#storedMonoUs;
  }

  /** Media time taken in so far, µs. */
  get mediaUs(): number {
    return this.#mediaUs;
  }

  /** Chunks that are durable. */
  get chunks(): number {
    return this.#stored.chunks;
  }

  /** Monotonic time up to which what came in is durable: where the gap after a refusal starts. */
  get storedMonoUs(): number {
    return this.#storedMonoUs;
  }

  /** Monotonic time up to which what came in waits for the writer or is durable: where an overload's gap starts. */
  get handedOverMonoUs(): number {
    return this.#handedOverMonoUs;
  }

  /** Whether it ends before `live`, so as not to be longer than `maxMs`: at a keyframe, where one comes in time. */
  isLongEnoughBefore(live: LiveFragment, maxMs: number): boolean {
    const maxUs = maxMs * 1000;
    if (this.mediaUsAt(live.toUs) > maxUs) return true;
    return live.key && this.mediaUsAt(live.fromUs) >= maxUs - Math.min(MAX_KEYFRAME_WAIT_US, maxUs / 8);
  }

  /** The recording's time at a moment of the stream's, µs. */
  mediaUsAt(streamUs: number): number {
    return Math.max(0, Math.floor(streamUs - this.#chunker.baseUs));
  }

  /** Writes `recording.start` and chunk 0, the initialisation segment. Resolves when the start is durable. */
  async begin(init: InitSegment): Promise<void> {
    const { rec, wish, preEventMs, writer, queue } = this.#options;
    const start: RecordingStart = {
      type: "recording.start",
      rec,
      origin: "live",
      ...wish,
      pre_event_ms: preEventMs,
      tracks: entryTracks(init),
    };
    const started = queue.add(0, async () => {
      try {
        await writer.append(start);
        this.#started = true;
      } catch (error) {
        this.#refusal = error;
        throw error;
      }
    });
    this.#store({ from_us: 0, to_us: 0, key: false, longest_us: 0 }, [init.bytes], init.bytes.length, null);
    await started;
  }

  /**
   * Takes the next fragment. False: the writer is too far behind, nothing more is taken.
   * `position` is where the wearer was when it came; null: unknown, as for a fragment from the
   * pre-event buffer. Throws what `Chunker.add` throws.
   */
  add(live: LiveFragment, position: Position | null): boolean {
    this.#position = position;
    for (const chunk of this.#chunker.add(live)) if (!this.#storeChunk(chunk)) return false;
    this.#mediaUs = live.toUs - this.#chunker.baseUs;
    for (const silence of this.#options.silences.spans) {
      const { toUs } = silence;
      if (toUs !== null && this.mediaUsAt(toUs) <= this.#mediaUs) this.#signSilence(silence, this.#mediaUs);
    }
    return true;
  }

  /** Resolves with its media time when the marker is durable. `streamUs` is the stream's time. */
  async mark(streamUs: number, label: string, by: string | undefined): Promise<number> {
    const { rec, writer, queue } = this.#options;
    const marker = { type: "recording.marker", rec, at_us: this.mediaUsAt(streamUs), label } as const;
    await queue.add(0, () => writer.append(by === undefined ? marker : { ...marker, by }));
    return marker.at_us;
  }

  /**
   * Hands over the open chunk and writes `recording.stop`. Resolves when that is durable; throws the
   * writer's error, and then also if it has refused `recording.start`.
   */
  seal(reason: string): Promise<RecordingSummary> {
    for (const chunk of this.#chunker.finish()) if (!this.#storeChunk(chunk)) break;
    for (const silence of this.#options.silences.spans) this.#signSilence(silence, this.#chunkedUs ?? 0);
    const { rec, writer, queue } = this.#options;
    const stopped = queue.add(0, async () => {
      if (!this.#started) throw this.#refusal;
      const stop = { type: "recording.stop", rec, ...this.#stored, reason } as const;
      await queue.untilTaken(() => writer.append(stop));
      return { rec, reason, ...this.#stored };
    });
    this.#settle(stopped);
    return stopped;
  }

  /** False: it would be more than the writer may be behind. */
  #storeChunk(chunk: MediaChunk): boolean {
    const { queue, maxHeldBytes } = this.#options;
    if (queue.heldBytes + chunk.bytes > maxHeldBytes) return false;
    const dueUs = this.#chunkedUs ?? 0;
    const isLead = this.#chunkedUs === null && chunk.fromUs <= MAX_LEAD_US;
    if (chunk.fromUs > dueUs && !isLead) this.#gap("frames-lost", { fromUs: dueUs, toUs: chunk.fromUs });
    this.#chunkedUs = chunk.toUs;
    this.#handedOverMonoUs = chunk.arrivedMonoUs;
    // before the chunk: a chunk that hides a loss never stands in the ledger without it
    for (const loss of chunk.losses) this.#gap("frames-lost", loss);
    const gnss = this.#position;
    const fields = { from_us: chunk.fromUs, to_us: chunk.toUs, key: chunk.key, longest_us: chunk.longestUs };
    this.#store(
      gnss === null ? fields : { ...fields, gnss },
      chunk.content,
      chunk.bytes,
      chunk.arrivedMonoUs,
    );
    return true;
  }

  #store(
    fields: Pick<LiveChunk, "from_us" | "to_us" | "key" | "longest_us" | "gnss">,
    content: readonly Uint8Array[],
    bytes: number,
    arrivedMonoUs: number | null,
  ): void {
    const { rec, writer, queue, onChunk, onRefused } = this.#options;
    const n = this.#handedOver++;
    queue
      .add(bytes, async () => {
        // numbers have no holes: after a refusal nothing more of this recording is stored
        if (this.#refusal !== null) return;
        const stored = await writer.appendMedia({ type: "recording.chunk", rec, n, ...fields }, content);
        this.#stored = { chunks: this.#stored.chunks + 1, bytes: this.#stored.bytes + stored.bytes };
        this.#storedMonoUs = arrivedMonoUs ?? this.#storedMonoUs;
        onChunk({ rec, n, stored });
      })
      .catch((error: unknown) => {
        this.#refusal = error;
        onRefused(error);
      });
  }

  /** Each one once: when it is over, or cut off at the recording's end. */
  #signSilence(silence: Silence, endUs: number): void {
    if (this.#signedSilences.has(silence)) return;
    this.#signedSilences.add(silence);
    const toUs = silence.toUs === null ? endUs : Math.min(this.mediaUsAt(silence.toUs), endUs);
    this.#gap("muted", { fromUs: this.mediaUsAt(silence.fromUs), toUs });
  }

  #gap(reason: Gap["reason"], { fromUs, toUs }: MediaSpan): void {
    if (toUs <= fromUs) return;
    const { rec, writer, queue, onRefused } = this.#options;
    const gap = { type: "device.gap", reason, rec, from_us: fromUs, to_us: toUs } as const;
    queue.add(0, () => queue.untilTaken(() => writer.append(gap))).catch(onRefused);
  }
}

/** The tracks as `recording.start` lists them: sides in pixels, `rate` in samples a second. */
function entryTracks(init: InitSegment): Track[] {
  return init.tracks.map(({ kind, codec, size, rateHz }) => ({
    kind,
    codec,
    ...(size ?? {}),
    ...(rateHz === undefined ? {} : { rate: rateHz }),
  }));
}

/** The `reason` of the stop and of the gap after a refused chunk. */
export function refusalReason(error: unknown): { stop: "disk-full" | "write-failed"; gap: Gap["reason"] } {
  return error instanceof AgentError && errorCode(error) === "disk-full"
    ? { stop: "disk-full", gap: "disk-full" }
    : { stop: "write-failed", gap: "unknown" };
}

import { Counters } from "../../config/base/counters.ts";
import { errorCode } from "../../config/base/errors.ts";
import { uuid } from "../../config/base/random.ts";
import type { GapReason } from "../../crypto/entry/types.ts";
import { type CameraLoss, CameraSupervisor, type LossReason } from "../live/camera-supervisor.ts";
import type { LiveFragment } from "../live/live-fragment.ts";
import { EvidenceQueue } from "../recording/evidence-queue.ts";
import { Recording, type RecordingSummary, refusalReason, type Wish } from "../recording/recording.ts";
import { SilenceLog } from "../recording/silence-log.ts";
import { Outage } from "./outage.ts";
import { PreEventRing } from "./pre-event-ring.ts";
import type {
  AlarmCode,
  RecorderNotice,
  RecorderParts,
  RecorderSettings,
  RecorderStatus,
} from "./recorder-parts.ts";
import { type RecorderCommand, type RecorderEvent, type RecorderState, transition } from "./state.ts";

/**
 * A mute command takes effect in what ffmpeg filters at that moment, some 60 ms after the stream's
 * time as seen from outside, later on a busy machine. A signed gap is rather too long than too short.
 */
const MUTE_LEAD_US = 100_000;
const MUTE_TAIL_US = 500_000;
/** Before the longest length is reached, a keyframe to cut at is waited for this long. */
const MAX_SPLIT_WINDOW_US = 15_000_000;
const STOP_TIMEOUT_MS = 5_000;

const GAP_REASONS: Readonly<Record<Exclude<LossReason, "source-ended">, GapReason>> = {
  "camera-lost": "camera-lost",
  "encoder-stalled": "encoder-stalled",
  "clock-strayed": "frames-lost",
  "stream-broken": "unknown",
};

/** One camera and its recordings: from the running stream to durable entries. */
export class CameraRecorder {
  readonly #settings: RecorderSettings;
  readonly #parts: RecorderParts;
  readonly #supervisor: CameraSupervisor;
  readonly #ring: PreEventRing;
  readonly #queue = new EvidenceQueue();
  readonly #counters = new Counters();
  readonly #halt = new AbortController();
  #state: RecorderState = { kind: "idle", why: "off", wish: null };
  #running: Promise<void> | null = null;
  #latest: LiveFragment | null = null;
  #recording: Recording | null = null;
  #beginning: Promise<void> = Promise.resolve();
  /** The recording whose stop is on its way to the disk. */
  #lastSeal: Promise<RecordingSummary> | null = null;
  #muted = false;
  #silenced = false;
  readonly #silences = new SilenceLog();
  #cameraOutage: Outage | null = null;
  #writerOutage: Outage | null = null;

  constructor(settings: RecorderSettings, parts: RecorderParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#ring = new PreEventRing(settings.preEventMs, settings.maxRingBytes);
    const recorder = this;
    this.#supervisor = new CameraSupervisor(
      { ...parts, counters: this.#counters },
      {
        fragment: (live) => this.#onFragment(live),
        changed: () => this.#onChanged(),
        down: (loss) => this.#onDown(loss),
        get recording() {
          return recorder.#recording !== null;
        },
      },
    );
  }

  /** Starts the camera; the pre-event buffer fills from now on. */
  start(): void {
    if (this.#running !== null) return;
    this.#state = {
      kind: "idle",
      why: "starting",
      wish: this.#state.kind === "idle" ? this.#state.wish : null,
    };
    this.#applySilence();
    this.#running = this.#supervisor.run(this.#halt.signal);
  }

  /**
   * Stops the camera for good, finishing an open recording with its last fragment. Resolves when
   * `recording.stop` is durable and no process is left, within 10 s even if the writer does not answer.
   */
  async stop(): Promise<void> {
    this.#halt.abort();
    await this.#running;
    this.#apply({ type: "camera-down", why: "off" });
    this.#endOutages();
    const waiting = new AbortController();
    const timeout = this.#parts.clock.sleep(STOP_TIMEOUT_MS, waiting.signal).catch(() => undefined);
    await Promise.race([this.#queue.idle(), timeout]);
    waiting.abort();
  }

  /**
   * The record button. Resolves with the recording's id when `recording.start` is durable; pressed
   * again it keeps the running one going. null: there is nothing to record yet, it will begin by itself.
   */
  async record(wish: Omit<Wish, "continues">): Promise<string | null> {
    this.#apply({
      type: "record",
      wish,
      ready: this.#ring.fragments.length > 0,
      rec: uuid(this.#parts.random),
    });
    if (this.#state.kind !== "recording") return null;
    const { rec } = this.#state;
    await this.#beginning;
    return rec;
  }

  /**
   * Ends the recording after the post-event time. Resolves when `recording.stop` is durable, or with
   * the summary of whatever ended the recording before. null: nothing was being recorded.
   */
  async stopRecording(reason: string): Promise<RecordingSummary | null> {
    const recording = this.#recording;
    const postUs = this.#settings.postEventMs * 1000;
    this.#apply({ type: "stop", reason, atUs: (this.#supervisor.liveUs() ?? 0) + postUs });
    return await (recording?.sealed ?? this.#lastSeal);
  }

  /** Resolves true when the marker is durable; false: nothing is being recorded. */
  async mark(label: string, by?: string): Promise<boolean> {
    const liveUs = this.#supervisor.liveUs();
    if (this.#recording === null || liveUs === null) return false;
    await this.#recording.mark(liveUs, label, by);
    return true;
  }

  /**
   * Silences the sound until it is called with false or the wearer ends the recording. False: the
   * stream has no sound, or the configuration forbids to silence it.
   */
  mute(muted: boolean): boolean {
    if (this.#supervisor.silenceable === false) return false;
    this.#muted = muted;
    this.#applySilence();
    return true;
  }

  status(): RecorderStatus {
    const recording = this.#recording;
    return {
      state: this.#state,
      muted: this.#muted,
      ring: { spanMs: Math.floor(this.#ring.spanUs / 1000), bytes: this.#ring.bytes },
      heldBytes: this.#queue.heldBytes,
      recording:
        recording === null
          ? null
          : { rec: recording.rec, mediaMs: Math.floor(recording.mediaUs / 1000), chunks: recording.chunks },
      counters: this.#counters.snapshot(),
    };
  }

  #onFragment(live: LiveFragment): void {
    if (live.init !== this.#latest?.init)
      this.#silences.reset(this.#supervisor.silenceable === true && this.#silent);
    this.#latest = live;
    if (this.#cameraOutage !== null) this.#sign(this.#cameraOutage);
    this.#cameraOutage = null;
    if (this.#recording !== null && this.#mustSplitBefore(live, this.#recording)) {
      this.#apply({ type: "split", reason: "max-length" });
    }
    this.#ring.push(live);
    if (this.#recording?.add(live) === false) this.#onOverload(this.#recording);
    this.#silences.forgetBefore(this.#ring.fragments[0]?.fromUs ?? live.fromUs);
    this.#apply({ type: "fragment", toUs: live.toUs, rec: uuid(this.#parts.random) });
  }

  #onChanged(): void {
    this.#ring.clear();
    this.#apply({ type: "split", reason: "stream-changed" });
  }

  #onDown({ why, detail, sinceMonoUs }: CameraLoss): void {
    const rec = this.#recording?.rec;
    this.#ring.clear();
    this.#apply({ type: "camera-down", why });
    if (why === "source-ended") return;
    this.#alarm(why, detail);
    this.#cameraOutage = new Outage(GAP_REASONS[why], this.#toLedgerMonoUs(sinceMonoUs), rec);
    this.#sign(this.#cameraOutage);
  }

  #onOverload(recording: Recording): void {
    this.#alarm("overload", `${this.#queue.heldBytes} bytes wait for the writer`);
    this.#apply({ type: "overload" });
    // what came while the writer was behind would only put it behind again
    this.#ring.clear();
    const outage = new Outage("overload", this.#toLedgerMonoUs(recording.handedOverMonoUs), recording.rec);
    this.#writerOutage = outage;
    this.#sign(outage);
    this.#queue.idle().then(() => {
      this.#sign(outage);
      this.#writerOutage = null;
      this.#apply({ type: "relieved" });
    });
  }

  #onRefused(recording: Recording, error: unknown): void {
    const reason = refusalReason(error);
    this.#alarm(reason.stop, errorCode(error));
    if (this.#recording !== recording) return;
    this.#apply({ type: "refused", rec: recording.rec, reason: reason.stop });
    this.#sign(new Outage(reason.gap, this.#toLedgerMonoUs(recording.storedMonoUs), recording.rec));
  }

  #mustSplitBefore(live: LiveFragment, recording: Recording): boolean {
    const maxUs = this.#settings.maxRecordingMs * 1000;
    if (recording.mediaUsAt(live.toUs) > maxUs) return true;
    return live.key && recording.mediaUsAt(live.fromUs) >= maxUs - Math.min(MAX_SPLIT_WINDOW_US, maxUs / 8);
  }

  #apply(event: RecorderEvent): void {
    const before = this.#state;
    const { state, commands } = transition(before, event);
    this.#state = state;
    for (const command of commands) this.#execute(command);
    // muting belongs to what the wearer asked for, not to the next recording
    if (isWanted(before) && !isWanted(state)) this.#muted = false;
    this.#applySilence();
    if (state !== before) this.#notify({ kind: "state", state });
  }

  #execute(command: RecorderCommand): void {
    switch (command.do) {
      case "begin":
        this.#begin(command);
        return;
      case "seal":
        this.#seal(command);
        return;
    }
  }

  #begin({ rec, wish, from }: Extract<RecorderCommand, { do: "begin" }>): void {
    const latest = this.#latest as LiveFragment;
    const fragments = from === "ring" ? this.#ring.fragments : [latest];
    const firstUs = fragments[0]?.fromUs ?? latest.fromUs;
    const recording: Recording = new Recording(
      {
        rec,
        wish,
        preEventMs:
          from === "ring" ? Math.max(0, Math.floor(((this.#supervisor.liveUs() ?? 0) - firstUs) / 1000)) : 0,
        chunkMs: this.#settings.chunkMs,
        maxHeldBytes: this.#settings.maxHeldBytes,
        writer: this.#parts.writer,
        queue: this.#queue,
        position: this.#parts.position ?? (() => null),
        silences: this.#silences,
        onChunk: (chunk) => this.#notify({ kind: "chunk", ...chunk }),
        onRefused: (error) => this.#onRefused(recording, error),
      },
      fragments,
    );
    this.#recording = recording;
    this.#beginning = recording.begin(latest.init);
    this.#beginning.then(
      () => this.#notify({ kind: "started", rec }),
      (error: unknown) => this.#onRefused(recording, error),
    );
    if (!fragments.every((fragment) => recording.add(fragment))) this.#onOverload(recording);
  }

  #seal({ rec, reason }: Extract<RecorderCommand, { do: "seal" }>): void {
    const recording = this.#recording as Recording;
    this.#recording = null;
    this.#lastSeal = recording.seal(reason);
    const seal = this.#lastSeal;
    seal
      .then(
        (summary) => this.#notify({ kind: "stopped", summary }),
        (error: unknown) => this.#alarm("write-failed", errorCode(error)),
      )
      .finally(() => {
        if (this.#lastSeal === seal) this.#lastSeal = null;
        this.#apply({ type: "sealed", rec });
      });
  }

  /** Whether sound is silenced: by the wearer, or because the pre-event buffer has none. */
  get #silent(): boolean {
    return this.#muted || (!this.#settings.preEventSound && !isWanted(this.#state));
  }

  #applySilence(): void {
    const silent = this.#silent;
    if (silent === this.#silenced) return;
    this.#silenced = silent;
    this.#supervisor.setSilent(silent);
    const liveUs = this.#supervisor.liveUs();
    if (liveUs === null || this.#supervisor.silenceable !== true) return;
    if (silent) this.#silences.begin(liveUs - MUTE_LEAD_US);
    else this.#silences.end(liveUs + MUTE_TAIL_US);
  }

  #sign(outage: Outage): void {
    const gap = outage.until(this.#parts.ledgerMonoUs());
    if (gap === null) return;
    this.#queue
      .add(0, () => this.#parts.writer.append(gap))
      .catch((error: unknown) => this.#alarm("write-failed", errorCode(error)));
  }

  #endOutages(): void {
    for (const outage of [this.#cameraOutage, this.#writerOutage]) if (outage !== null) this.#sign(outage);
    this.#cameraOutage = null;
    this.#writerOutage = null;
  }

  /** A moment of the injected clock on the ledger's monotonic time. */
  #toLedgerMonoUs(monoUs: number): number {
    return Math.floor(monoUs + this.#parts.ledgerMonoUs() - this.#parts.clock.monoUs());
  }

  #alarm(code: AlarmCode, detail: string): void {
    this.#counters.add(`alarm-${code}`);
    this.#parts.log.warn({ code, detail }, "camera alarm");
    this.#notify({ kind: "alarm", code, detail });
  }

  #notify(notice: RecorderNotice): void {
    this.#parts.onNotice?.(notice);
  }
}

function isWanted(state: RecorderState): boolean {
  switch (state.kind) {
    case "idle":
    case "pre-event":
      return state.wish !== null;
    case "recording":
      return true;
    case "sealing":
      return false;
  }
}

import { Counters } from "../../config/base/counters.ts";
import { AgentError, errorCode } from "../../config/base/errors.ts";
import { uuid } from "../../config/base/random.ts";
import type { Position } from "../../crypto/entry/recording-types.ts";
import type { CameraLoss, SplitReason } from "../live/camera-stream.ts";
import { CameraSupervisor } from "../live/camera-supervisor.ts";
import type { LiveFragment } from "../live/live-fragment.ts";
import { EvidenceQueue } from "../recording/evidence-queue.ts";
import { Recording, type RecordingSummary, refusalReason, type Wish } from "../recording/recording.ts";
import { LOSS_GAPS, OutageBook } from "./outage-book.ts";
import { Photographer, type PhotoTaken } from "./photographer.ts";
import { PreEventRing } from "./pre-event-ring.ts";
import type {
  AlarmCode,
  RecorderNotice,
  RecorderParts,
  RecorderSettings,
  RecorderStatus,
} from "./recorder-parts.ts";
import { SoundGate } from "./sound-gate.ts";
import {
  isWanted,
  type RecorderCommand,
  type RecorderEvent,
  type RecorderState,
  transition,
} from "./state.ts";

const STOP_TIMEOUT_MS = 5_000;

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
  #begun: Promise<void> = Promise.resolve();
  /** The recording whose stop is on its way to the disk. */
  #lastSeal: Promise<RecordingSummary> | null = null;
  /** Who waits for the end of the post-event time. */
  #onResumed: ((how: "resumed") => void)[] = [];
  readonly #sound: SoundGate;
  readonly #outages: OutageBook;
  readonly #photographer: Photographer;

  constructor(settings: RecorderSettings, parts: RecorderParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#ring = new PreEventRing(settings.preEventMs, settings.maxRingBytes);
    this.#outages = new OutageBook(parts, (gap) => {
      this.#queue
        .add(0, () => this.#queue.untilTaken(() => parts.writer.append(gap)))
        .catch((error: unknown) => this.#alarm("write-failed", errorCode(error)));
    });
    this.#photographer = new Photographer({
      ...parts,
      queue: this.#queue,
      fragments: () => this.#ring.fragments,
    });
    const recorder = this;
    this.#supervisor = new CameraSupervisor(
      { ...parts, counters: this.#counters },
      {
        opened: (missing) =>
          missing === null ? this.#notify({ kind: "sound" }) : this.#alarm("sound-lost", missing),
        fragment: (live) => this.#onFragment(live),
        split: (why) => this.#onSplit(why),
        down: (loss) => this.#onDown(loss),
        get recording() {
          return recorder.#recording !== null;
        },
      },
    );
    this.#sound = new SoundGate(this.#supervisor, settings.preEventSound);
  }

  /** Starts the camera; the pre-event buffer fills from now on. */
  start(): void {
    if (this.#running !== null) return;
    this.#state = { kind: "idle", why: "starting", wish: null };
    this.#sound.apply();
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
    this.#outages.end("camera");
    this.#outages.end("writer");
    const waiting = new AbortController();
    const timeout = this.#parts.clock.sleep(STOP_TIMEOUT_MS, waiting.signal).catch(() => undefined);
    await Promise.race([this.#queue.idle(), timeout]);
    waiting.abort();
  }

  /**
   * The record button. Resolves with the recording's id when `recording.start` is durable; pressed
   * again it keeps the running one going. null: there is nothing to record yet, it will begin by itself.
   * Throws the writer's error, and `disk-full` while not even an entry has room.
   */
  async record(wish: Omit<Wish, "continues">): Promise<string | null> {
    const goesOn = this.#state.kind === "recording" && this.#state.ending !== null;
    this.#apply({ type: "record", wish, ...this.#beginning() });
    if (this.#queue.waitsForRoom) throw new AgentError("disk-full", "the ledger");
    if (goesOn) for (const tell of this.#onResumed.splice(0)) tell("resumed");
    if (this.#state.kind !== "recording") return null;
    const { rec } = this.#state;
    await this.#begun;
    return rec;
  }

  /** The writer has room again: goes on with what its refusal has interrupted. */
  resume(): void {
    this.#queue.retry();
    this.#apply({ type: "retry", ...this.#beginning() });
  }

  /**
   * Ends the recording after the post-event time. Resolves when `recording.stop` is durable, or with
   * the summary of whatever ended the recording before. `resumed`: the button was pressed again in
   * the post-event time. null: nothing was being recorded.
   */
  async stopRecording(reason: string): Promise<RecordingSummary | "resumed" | null> {
    const recording = this.#recording;
    const postUs = this.#settings.postEventMs * 1000;
    this.#apply({ type: "stop", reason, atUs: (this.#supervisor.liveUs() ?? 0) + postUs });
    if (recording === null) return await this.#lastSeal;
    const resumed = new Promise<"resumed">((resolve) => this.#onResumed.push(resolve));
    return await Promise.race([recording.sealed, resumed]);
  }

  /** Resolves with where it stands, in media time, when the marker is durable; null: nothing is being recorded. */
  async mark(label: string, by?: string): Promise<{ rec: string; atUs: number } | null> {
    const liveUs = this.#supervisor.liveUs();
    const recording = this.#recording;
    if (recording === null || liveUs === null) return null;
    return { rec: recording.rec, atUs: await recording.mark(liveUs, label, by) };
  }

  /**
   * A still of this moment, whether something is being recorded or not. Resolves when it is durable.
   * Throws what `Photographer.take` throws.
   */
  async photo(by?: string): Promise<PhotoTaken> {
    const moment = { liveUs: this.#supervisor.liveUs(), recording: this.#recording };
    const taken = await this.#photographer.take(moment, by, this.#halt.signal);
    this.#notify({ kind: "photo", taken });
    return taken;
  }

  /**
   * Silences the sound until it is called with false or the wearer ends the recording. False: the
   * stream has no sound, or the configuration forbids to silence it.
   */
  mute(muted: boolean): boolean {
    return this.#sound.mute(muted);
  }

  status(): RecorderStatus {
    const recording = this.#recording;
    return {
      state: this.#state,
      muted: this.#sound.muted,
      ring: { spanMs: Math.floor(this.#ring.spanUs / 1000), bytes: this.#ring.bytes },
      heldBytes: this.#queue.heldBytes,
      recording:
        recording === null
          ? null
          : { rec: recording.rec, mediaMs: Math.floor(recording.mediaUs / 1000), chunks: recording.chunks },
      counters: this.#counters.snapshot(),
    };
  }

  #beginning(): { ready: boolean; rec: string } {
    const ready = this.#ring.fragments.length > 0 && !this.#queue.waitsForRoom;
    return { ready, rec: uuid(this.#parts.random) };
  }

  #onFragment(live: LiveFragment): void {
    if (live.init !== this.#latest?.init) this.#sound.streamBegun(live.toUs);
    this.#latest = live;
    this.#outages.end("camera");
    if (this.#recording?.isLongEnoughBefore(live, this.#settings.maxRecordingMs)) {
      this.#apply({ type: "split", reason: "max-length" });
    }
    this.#ring.push(live);
    this.#photographer.arrived();
    if (this.#recording?.add(live, this.#position()) === false) this.#onOverload(this.#recording);
    this.#sound.silences.forgetBefore(this.#ring.fragments[0]?.fromUs ?? live.fromUs);
    this.#apply({ type: "fragment", toUs: live.toUs, rec: uuid(this.#parts.random) });
  }

  #onSplit(why: SplitReason): void {
    switch (why) {
      case "stream-changed":
        // of no use with another initialisation segment
        this.#ring.clear();
        break;
      case "clock-strayed":
        this.#counters.add(why);
    }
    this.#apply({ type: "split", reason: why });
  }

  #onDown({ why, detail, sinceMonoUs }: CameraLoss): void {
    const rec = this.#recording?.rec;
    this.#ring.clear();
    this.#apply({ type: "camera-down", why });
    if (why === "source-ended") return;
    this.#alarm(why, detail);
    this.#outages.begin("camera", LOSS_GAPS[why], sinceMonoUs, rec);
  }

  #onOverload(recording: Recording): void {
    this.#alarm("overload", `${this.#queue.heldBytes} bytes wait for the writer`);
    this.#apply({ type: "overload" });
    // what came while the writer was behind would only put it behind again
    this.#ring.clear();
    this.#outages.begin("writer", "overload", recording.handedOverMonoUs, recording.rec);
    void this.#queue.idle().then(() => {
      this.#outages.end("writer");
      this.#apply({ type: "caught-up" });
    });
  }

  #onRefused(recording: Recording, error: unknown): void {
    const reason = refusalReason(error);
    this.#alarm(reason.stop, errorCode(error));
    const isOpen = this.#recording === recording;
    if (isOpen) this.#apply({ type: "refused", rec: recording.rec, reason: reason.stop });
    this.#outages.begin("writer", reason.gap, recording.storedMonoUs, recording.rec);
    // the end of a recording that was stopped is lost, and nothing more is wanted
    if (!isOpen) this.#outages.end("writer");
  }

  #position(): Position | null {
    return this.#parts.position?.() ?? null;
  }

  #apply(event: RecorderEvent): void {
    const before = this.#state;
    const { state, commands } = transition(before, event);
    this.#state = state;
    for (const command of commands) this.#execute(command);
    this.#sound.want(isWanted(this.#state));
    // a command may have led further: then that state has been told already
    if (state !== before && this.#state === state) this.#notify({ kind: "state", state });
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
    const first = fragments[0] ?? latest;
    const recording: Recording = new Recording(
      {
        rec,
        wish,
        preEventMs:
          from === "ring"
            ? Math.max(0, Math.floor(((this.#supervisor.liveUs() ?? 0) - first.fromUs) / 1000))
            : 0,
        chunkMs: this.#settings.chunkMs,
        maxHeldBytes: this.#settings.maxHeldBytes,
        writer: this.#parts.writer,
        queue: this.#queue,
        silences: this.#sound.silences,
        onChunk: (chunk) => this.#notify({ kind: "chunk", ...chunk }),
        onRefused: (error) => this.#onRefused(recording, error),
      },
      first,
    );
    // a refused disk that takes a new recording is a gap that is over
    this.#outages.end("writer");
    this.#recording = recording;
    this.#begun = recording.begin(latest.init);
    this.#begun.then(
      () => this.#notify({ kind: "started", rec }),
      (error: unknown) => this.#onRefused(recording, error),
    );
    // the position is that of now: only the newest fragment is from here
    const position = from === "latest" ? this.#position() : null;
    if (!fragments.every((fragment) => recording.add(fragment, position))) this.#onOverload(recording);
  }

  #seal({ rec, reason }: Extract<RecorderCommand, { do: "seal" }>): void {
    const recording = this.#recording as Recording;
    this.#recording = null;
    this.#onResumed = [];
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

  #alarm(code: AlarmCode, detail: string): void {
    this.#counters.add(`alarm-${code}`);
    this.#parts.log.warn({ code, detail }, "camera alarm");
    this.#notify({ kind: "alarm", code, detail });
  }

  #notify(notice: RecorderNotice): void {
    this.#parts.onNotice?.(notice);
  }
}

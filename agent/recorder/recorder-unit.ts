import { CameraRecorder } from "../../capture/recorder/camera-recorder.ts";
import type { RecorderNotice, RecorderParts } from "../../capture/recorder/recorder-parts.ts";
import type { RecorderState } from "../../capture/recorder/state.ts";
import { ffmpegStill } from "../../capture/source/still.ts";
import { AgentError } from "../../config/base/errors.ts";
import type { RecorderConfig } from "../../config/schema.ts";
import type { Ledger } from "../../crypto/ledger/ledger.ts";
import type { Alarms } from "../alarms.ts";
import type { ControlHandlers } from "../control/protocol.ts";
import type { Surroundings } from "../surroundings.ts";
import { openerOf, recorderSettings } from "./camera-setup.ts";

const CAMERA_ALARMS = [
  "camera-lost",
  "encoder-stalled",
  "clock-strayed",
  "stream-broken",
  "overload",
] as const;

export interface RecorderUnitParts {
  readonly ledger: Ledger;
  readonly alarms: Alarms;
  readonly position: NonNullable<RecorderParts["position"]>;
  readonly onNotice: NonNullable<RecorderParts["onNotice"]>;
}

/** The camera of a recorder, wired to its ledger: buttons in, alarms out. */
export class RecorderUnit {
  readonly #camera: CameraRecorder;
  readonly #wearer: string | undefined;
  readonly #alarms: Alarms;
  readonly #log: Surroundings["log"];
  #since: { rec: string; utcMs: number } | null = null;

  constructor(
    config: RecorderConfig,
    { ledger, alarms, position, onNotice }: RecorderUnitParts,
    { clock, random, log }: Surroundings,
  ) {
    this.#alarms = alarms;
    this.#log = log;
    this.#wearer = config.recording.wearer;
    this.#camera = new CameraRecorder(recorderSettings(config), {
      opener: openerOf(config, clock),
      makeStill: ffmpegStill,
      writer: ledger,
      clock,
      random,
      log,
      ledgerMonoUs: () => ledger.monoUs(),
      position,
      onNotice: (notice) => {
        this.#onNotice(notice, clock.utcMs());
        onNotice(notice);
      },
    });
  }

  start(autostart: boolean): void {
    this.#camera.start();
    const wearer = this.#wearer === undefined ? {} : { wearer: this.#wearer };
    if (autostart) void this.#camera.record({ trigger: "autostart", ...wearer });
  }

  /** What buttons work on. */
  get camera(): CameraRecorder {
    return this.#camera;
  }

  /** There is room again: goes on with what a full disk ended. */
  spaceFreed(): void {
    this.#camera.resume();
  }

  /** Ends the camera and what it records; resolves when `recording.stop` is durable. null: for no reason of its own. */
  stop(reason: string | null): Promise<void> {
    // the end of the camera comes before that of the post-event time, and takes its reason
    if (reason !== null) this.#camera.stopRecording(reason).catch(() => undefined);
    return this.#camera.stop();
  }

  get isRecording(): boolean {
    return this.#camera.status().recording !== null;
  }

  /** For the status: names as the control socket has them. */
  status() {
    const { state, muted, ring, heldBytes, recording, counters } = this.#camera.status();
    const since = this.#since !== null && this.#since.rec === recording?.rec ? this.#since.utcMs : undefined;
    return {
      recording: {
        state: state.kind,
        ...(recording === null
          ? {}
          : { rec: recording.rec, media_ms: recording.mediaMs, chunks: recording.chunks }),
        ...(since === undefined ? {} : { since_ms: since }),
        muted,
        pre_event_ms: ring.spanMs,
        held_bytes: heldBytes,
      },
      counters,
    };
  }

  /** The buttons, as the control socket offers them. */
  handlers(): ControlHandlers {
    return {
      "record.start": async (wish) => {
        const rec = await this.#camera.record(wish);
        if (rec === null) {
          throw notReady(this.#camera.status().state);
        }
        return { rec };
      },
      "record.stop": async ({ reason }) => {
        const summary = await this.#camera.stopRecording(reason);
        if (summary === null) throw notRecording();
        if (summary === "resumed") {
          throw new AgentError("recording-resumed", "post-event time", {
            next: "stop it again: fulltrace record stop",
          });
        }
        return { rec: summary.rec, chunks: summary.chunks, bytes: summary.bytes };
      },
      "record.mark": async ({ label, by }) => {
        const marked = await this.#camera.mark(label, by);
        if (marked === null) throw notRecording();
        return { rec: marked.rec, at_us: marked.atUs };
      },
      "record.photo": async ({ by }) => {
        const { digest, bytes, during } = await this.#camera.photo(by);
        return { digest, bytes, ...(during === null ? {} : { rec: during.rec, at_us: during.atUs }) };
      },
      "record.mute": async ({ muted }) => {
        if (!this.#camera.mute(muted)) {
          throw new AgentError("not-mutable", "the sound", {
            next: "there is none, or audio.mutable = false in the configuration forbids it",
          });
        }
        return { muted };
      },
    };
  }

  #onNotice(notice: RecorderNotice, utcMs: number): void {
    switch (notice.kind) {
      case "state":
        this.#log.info({ state: notice.state.kind }, "recorder state");
        break;
      case "alarm":
        this.#alarms.raise(notice.code, notice.detail);
        break;
      case "sound":
        this.#alarms.clear("sound-lost");
        break;
      case "started":
        this.#since = { rec: notice.rec, utcMs };
        for (const code of CAMERA_ALARMS) this.#alarms.clear(code);
        break;
      case "chunk":
        this.#alarms.clear("disk-full");
        break;
      case "photo":
        this.#log.info({ digest: notice.taken.digest }, "photo taken");
        break;
      case "stopped":
        this.#log.info({ ...notice.summary }, "recording stopped");
        break;
    }
  }
}

function notReady(state: RecorderState): AgentError {
  const isOver = state.kind === "idle" && state.wish === null;
  return new AgentError("camera-not-ready", state.kind === "idle" ? state.why : state.kind, {
    next: isOver
      ? "start the agent again: its source has no more pictures"
      : "recording begins by itself when the camera delivers; see fulltrace status",
  });
}

function notRecording(): AgentError {
  return new AgentError("not-recording", "nothing is being recorded", { next: "fulltrace record start" });
}

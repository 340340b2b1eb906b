import type { TestContext } from "node:test";
import { CameraRecorder } from "../../../capture/recorder/camera-recorder.ts";
import {
  DEFAULT_RECORDER_SETTINGS,
  type RecorderNotice,
  type RecorderParts,
  type RecorderSettings,
} from "../../../capture/recorder/recorder-parts.ts";
import { createLogger } from "../../../config/base/logger.ts";
import { MemoryWriter } from "../memory-writer.ts";
import { ManualClock, seededRandom } from "../surroundings.ts";
import { ScriptedCamera, settled } from "./scripted-camera.ts";

/** A recorder over a scripted camera and a writer in memory, on a clock that the test moves. */
export class CameraBench {
  readonly clock = new ManualClock();
  readonly writer = new MemoryWriter();
  readonly camera: ScriptedCamera;
  readonly recorder: CameraRecorder;
  readonly notices: RecorderNotice[] = [];

  constructor(
    t: TestContext,
    settings: Partial<RecorderSettings> = {},
    camera: ConstructorParameters<typeof ScriptedCamera>[1] = {},
    parts: Partial<RecorderParts> = {},
  ) {
    this.camera = new ScriptedCamera(this.clock, camera);
    this.recorder = new CameraRecorder(
      { ...DEFAULT_RECORDER_SETTINGS, preEventMs: 4000, ...settings },
      {
        opener: this.camera,
        makeStill: async () => Buffer.from("a still"),
        writer: this.writer,
        clock: this.clock,
        random: seededRandom(t.name),
        log: createLogger("silent", "test"),
        // a ledger that was opened two seconds after the clock's zero
        ledgerMonoUs: () => this.clock.monoUs() - 2_000_000,
        onNotice: (notice) => this.notices.push(notice),
        ...parts,
      },
    );
    t.after(async () => {
      const stopping = this.recorder.stop();
      for (let i = 0; i < 80; i++) await this.camera.isSilent(100);
      await stopping;
    });
  }

  /** Starts the camera and lets it film. */
  async filming(forMs: number): Promise<void> {
    this.recorder.start();
    await settled();
    await this.camera.films(forMs);
  }

  /** Presses the button and lets the camera film. */
  async recording(forMs: number): Promise<string> {
    const rec = await this.recorder.record({ trigger: "button" });
    await this.camera.films(forMs);
    if (rec === null) throw new Error("nothing to record");
    return rec;
  }

  alarms(): string[] {
    return this.notices.flatMap((notice) => (notice.kind === "alarm" ? [notice.code] : []));
  }
}

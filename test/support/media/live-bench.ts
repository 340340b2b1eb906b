import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { CameraRecorder } from "../../../capture/recorder/camera-recorder.ts";
import {
  DEFAULT_RECORDER_SETTINGS,
  type RecorderNotice,
  type RecorderSettings,
} from "../../../capture/recorder/recorder-parts.ts";
import type { CameraSource, TrackPolicy } from "../../../capture/source/camera.ts";
import { FfmpegSource } from "../../../capture/source/ffmpeg-source.ts";
import { ffmpegStill } from "../../../capture/source/still.ts";
import { EncoderChooser } from "../../../capture/source/video-encoder.ts";
import { systemClock } from "../../../config/base/clock.ts";
import { createLogger } from "../../../config/base/logger.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { MemoryWriter } from "../memory-writer.ts";
import { temporaryDirectory } from "../surroundings.ts";

export const SMALL_CAMERA: CameraSource = {
  kind: "testsrc",
  camera: { width: 320, height: 180, framesPerS: 25, keyframeMs: 2000 },
};

const POLICY: TrackPolicy = {
  sound: true,
  mutable: true,
  preEventSound: true,
  videoBitsPerS: 500_000,
  audioBitsPerS: 64_000,
  keyframeMs: 2000,
};

/** A recorder over a real ffmpeg and a writer in memory, in real time. */
export class LiveBench {
  readonly directory: string;
  readonly writer = new MemoryWriter();
  readonly notices: RecorderNotice[] = [];
  readonly recorder: CameraRecorder;

  constructor(
    t: TestContext,
    source: CameraSource | ((directory: string) => CameraSource),
    settings: Partial<RecorderSettings> = {},
    policy: Partial<TrackPolicy> = {},
  ) {
    this.directory = temporaryDirectory(t);
    const opener = new FfmpegSource(
      typeof source === "function" ? source(this.directory) : source,
      { ...POLICY, ...policy },
      systemClock,
      new EncoderChooser(),
    );
    this.recorder = new CameraRecorder(
      { ...DEFAULT_RECORDER_SETTINGS, preEventMs: 2000, ...settings },
      {
        opener,
        makeStill: ffmpegStill,
        writer: this.writer,
        clock: systemClock,
        random: systemRandom,
        log: createLogger("silent", "test"),
        ledgerMonoUs: () => systemClock.monoUs(),
        onNotice: (notice) => this.notices.push(notice),
      },
    );
    t.after(() => this.recorder.stop());
  }

  /** Starts the camera and presses the button at once, so that everything is recorded. Resolves with the id. */
  async recordFromStart(): Promise<string> {
    this.recorder.start();
    await this.recorder.record({ trigger: "button" });
    return await this.writer.until("a recording", () => this.writer.of("recording.start")[0]?.rec);
  }

  /** Starts the camera and resolves when the pre-event buffer holds this much. */
  async filming(forMs: number): Promise<void> {
    this.recorder.start();
    await until(`${forMs} ms in the ring`, () => this.recorder.status().ring.spanMs >= forMs);
  }

  /** Resolves when the present recording is this long. */
  async recorded(forMs: number): Promise<void> {
    await until(`${forMs} ms recorded`, () => (this.recorder.status().recording?.mediaMs ?? 0) >= forMs);
  }

  /** Resolves when the recording is closed. */
  async closed(rec: string, timeoutMs?: number): Promise<void> {
    const stops = () => this.writer.of("recording.stop").find((stop) => stop.rec === rec);
    await this.writer.until(`the stop of ${rec}`, stops, timeoutMs);
  }

  /** The recording as a file that a player opens. */
  save(rec: string): string {
    const path = join(this.directory, `${rec}.mp4`);
    writeFileSync(path, this.writer.file(rec));
    return path;
  }
}

/** Resolves when `condition` holds; looks often, fails after `timeoutMs`. */
export async function until(what: string, condition: () => boolean, timeoutMs = 15_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await systemClock.sleep(20);
  }
}

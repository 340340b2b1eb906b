import type { RecorderConfig } from "../../config/schema.ts";
import { runDevice } from "../device/run-device.ts";
import type { Surroundings } from "../surroundings.ts";
import { Recorder } from "./recorder.ts";

/** Runs a body-worn recorder until the signal aborts. */
export async function runRecorder(config: RecorderConfig, surroundings: Surroundings): Promise<void> {
  await runDevice(config, surroundings, {
    isRecording: config.recording.autostart,
    unit: (device) => new Recorder(config, device, surroundings),
    sideWork: () => null,
  });
}

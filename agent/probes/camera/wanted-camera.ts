import { resolve } from "node:path";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { Config } from "../../../config/schema.ts";
import { DEFAULT_TEST_CAMERA } from "../../../drivers/simulator/test-camera.ts";
import { callAgent } from "../../control/client.ts";
import type { CameraConfig } from "../../recorder/camera-setup.ts";

const ANSWER_MS = 3_000;

/** What to film with: what `source` names in words, else what the configuration has. Throws `misuse`, `camera-role`. */
export function wantedCamera(
  config: Config | null,
  { source, microphone }: { source?: string; microphone?: string },
): CameraConfig {
  if (config !== null && config.role !== "recorder") throw new AgentError("camera-role", config.role);
  const configured: CameraConfig = config ?? {
    camera: { source: "testsrc", size: "1280x720", rate: 25, keyframeMs: DEFAULT_TEST_CAMERA.keyframeMs },
    audio: { enabled: true, mutable: true, preEvent: true },
    recording: { chunkMs: 2_000, preEventMs: 0, postEventMs: 0, maxMs: 600_000, autostart: false },
  };
  if (config === null && source === undefined)
    throw new AgentError("misuse", "--config FILE or --camera SOURCE", {
      next: "fulltrace camera test --camera /dev/video0",
    });
  return {
    ...configured,
    camera: source === undefined ? configured.camera : cameraOf(source),
    audio: microphone === undefined ? configured.audio : { ...configured.audio, device: microphone },
  };
}

/** Throws `camera-held` where the recorder that runs by this configuration has a camera that only one can have. */
export async function refuseIfHeld(config: Config | null, { camera }: CameraConfig): Promise<void> {
  if (config === null || camera.source !== "v4l2") return;
  try {
    await callAgent(config.dataDir, "status", {}, { timeoutMs: ANSWER_MS });
  } catch (error) {
    if (errorCode(error) === "agent-not-running") return;
    throw error;
  }
  throw new AgentError("camera-held", camera.device);
}

function cameraOf(source: string): CameraConfig["camera"] {
  if (source === "test") {
    const { width, height, framesPerS, keyframeMs } = DEFAULT_TEST_CAMERA;
    return { source: "testsrc", size: `${width}x${height}`, rate: framesPerS, keyframeMs };
  }
  if (/^rtsps?:\/\//.test(source)) return { source: "rtsp", url: source };
  if (source.startsWith("/dev/")) return { source: "v4l2", device: source };
  return { source: "file", path: resolve(source) };
}

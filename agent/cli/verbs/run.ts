import { loadConfig } from "../../../config/load.ts";
import type { Face } from "../face/face.ts";
import type { ExitCode } from "../face/failure.ts";

/** Runs the agent until it is told to stop (SIGTERM, SIGINT). */
export async function run(face: Face, { config: file }: { config: string }): Promise<ExitCode> {
  const config = loadConfig(file);
  face.speak(config.lang);
  // a configuration that is wrong is told before the agent's own packages are loaded
  const { createLogger } = await import("../../../config/base/logger.ts");
  const { runAgent } = await import("../../run.ts");
  const { runRole } = await import("../../run-role.ts");
  await runAgent(config, createLogger(config.logLevel, "fulltrace"), runRole);
  return 0;
}

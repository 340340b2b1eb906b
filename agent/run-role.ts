import type { Config } from "../config/schema.ts";
import type { Surroundings } from "./surroundings.ts";

/** Runs the role that `config` names; each loads only what it needs. */
export async function runRole(config: Config, surroundings: Surroundings): Promise<void> {
  switch (config.role) {
    case "recorder":
      return await (await import("./recorder/run-recorder.ts")).runRecorder(config, surroundings);
    case "dock":
      return await (await import("./dock/run-dock.ts")).runDock(config, surroundings);
    case "receiver":
      return await (await import("./receiver/run-receiver.ts")).runReceiver(config, surroundings);
  }
}

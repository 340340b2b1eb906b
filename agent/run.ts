import { systemClock } from "../config/base/clock.ts";
import type { Logger } from "../config/base/logger.ts";
import { systemRandom } from "../config/base/random.ts";
import type { Config } from "../config/schema.ts";
import { admitGroup } from "./control/access.ts";
import type { Surroundings } from "./surroundings.ts";
import { AGENT_VERSION } from "./version.ts";

/** Runs the role that `config` names until SIGTERM or SIGINT; resolves after the orderly end. */
export async function runAgent(config: Config, { log }: { log: Logger }): Promise<void> {
  // evidence is for its owner and group only
  process.umask(0o027);
  const asked = new AbortController();
  const stop = (signal: NodeJS.Signals) => {
    log.info({ signal }, "asked to stop");
    asked.abort();
  };
  // not once: a second signal, as npm passes one on to a group that has it already, must not cut the end short
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  const surroundings: Surroundings = { clock: systemClock, random: systemRandom, log, signal: asked.signal };
  log.info({ role: config.role, version: AGENT_VERSION, dataDir: config.dataDir }, "agent starts");
  try {
    admitGroup(config.dataDir, config.control.group);
    await runRole(config, surroundings);
    log.info("agent ended");
  } finally {
    process.off("SIGTERM", stop);
    process.off("SIGINT", stop);
  }
}

/** Each role loads only what it needs. */
async function runRole(config: Config, surroundings: Surroundings): Promise<void> {
  switch (config.role) {
    case "recorder":
    case "dock": {
      const { runDevice } = await import("./device/run-device.ts");
      return await runDevice(config, surroundings);
    }
    case "receiver": {
      const { runReceiver } = await import("./receiver/run-receiver.ts");
      return await runReceiver(config, surroundings);
    }
  }
}

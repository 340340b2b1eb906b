import { systemClock } from "../config/base/clock.ts";
import type { Logger } from "../config/base/logger.ts";
import { systemRandom } from "../config/base/random.ts";
import type { Config } from "../config/schema.ts";
import { admitGroup } from "./control/access.ts";
import { supervisorOf } from "./supervision/systemd.ts";
import type { Surroundings, Trouble } from "./surroundings.ts";
import { AGENT_VERSION } from "./version.ts";

/** The work of a role until its signal aborts; resolves after the orderly end. */
export type RunRole<RoleConfig extends Config> = (
  config: RoleConfig,
  surroundings: Surroundings,
) => Promise<void>;

/** Runs a role until SIGTERM or SIGINT; resolves after the orderly end. */
export async function runAgent<RoleConfig extends Config>(
  config: RoleConfig,
  log: Logger,
  runRole: RunRole<RoleConfig>,
  troubles: readonly Trouble[] = [],
): Promise<void> {
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
  for (const { code, detail } of troubles) log.warn({ code, detail }, "trouble at the start");
  log.info({ role: config.role, version: AGENT_VERSION, dataDir: config.dataDir }, "agent starts");
  try {
    admitGroup(config.dataDir, config.control.group);
    const supervisor = supervisorOf(process.env, { clock: systemClock, log });
    await runRole(config, {
      clock: systemClock,
      random: systemRandom,
      log,
      signal: asked.signal,
      supervisor,
      troubles,
    });
    log.info("agent ended");
  } finally {
    process.off("SIGTERM", stop);
    process.off("SIGINT", stop);
  }
}

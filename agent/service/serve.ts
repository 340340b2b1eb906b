import { join } from "node:path";
import { parseArgs } from "node:util";
import { AgentError } from "../../config/base/errors.ts";
import { createLogger } from "../../config/base/logger.ts";
import { type KeptConfig, loadOrKept } from "../../config/kept-config.ts";
import { loadConfig } from "../../config/load.ts";
import type { Config, Role } from "../../config/schema.ts";
import { type RunRole, runAgent } from "../run.ts";
import type { Trouble } from "../surroundings.ts";
import { AGENT_VERSION } from "../version.ts";

type ConfigOf<R extends Role> = Extract<Config, { role: R }>;

/**
 * The program of one role's service, `node ROLE.cjs --config FILE`: the role and nothing else is in it. Ends
 * with 1, or 2 for a configuration that it cannot run, after telling why.
 */
export async function serve<R extends Role>(role: R, runRole: RunRole<ConfigOf<R>>): Promise<void> {
  try {
    const { config, troubles } = configFor(role, process.argv.slice(2));
    await runAgent(config, createLogger(config.logLevel, "fulltrace"), runRole, troubles);
  } catch (error) {
    process.exitCode = await tell(error);
  }
}

function configFor<R extends Role>(
  role: R,
  args: string[],
): { config: ConfigOf<R>; troubles: readonly Trouble[] } {
  const { values } = parseArgs({ args, options: { config: { type: "string" } }, strict: false });
  if (typeof values.config !== "string")
    throw new AgentError("misuse", `${role}: --config FILE is missing`, {
      next: "name the configuration file",
    });
  const { config, refused } = load(values.config);
  const troubles = refused === null ? [] : [{ code: "config-kept", detail: refused.place }];
  if (config.role === role) return { config: config as ConfigOf<R>, troubles };
  throw new AgentError(
    "wrong-service",
    `${values.config} is for fulltrace-${config.role}, not fulltrace-${role}`,
  );
}

/** systemd names a service's own folder; a program that somebody starts by hand keeps nothing. */
function load(file: string): KeptConfig {
  const { STATE_DIRECTORY: folder } = process.env;
  if (folder === undefined) return { config: loadConfig(file), refused: null };
  return loadOrKept(file, join(folder, "configs"), AGENT_VERSION);
}

/** Only what fails needs the words for it. */
async function tell(error: unknown): Promise<number> {
  const { Face } = await import("../cli/face/face.ts");
  const { tellFailure } = await import("../cli/face/failure.ts");
  const { stdout, stderr, env } = process;
  return tellFailure(new Face({ stdout, stderr, env }), error, { asJson: false, withStack: true });
}

import { join } from "node:path";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { Config, DockConfig, RecorderConfig } from "../../../config/schema.ts";
import { readKeyFile } from "../../../crypto/keys/key-file.ts";
import { deviceVkey } from "../../../crypto/keys/vkey.ts";
import { callAgent } from "../../control/client.ts";

const ANSWER_MS = 3_000;

/** A configuration with a broker to sync through. */
export type SyncingConfig = (RecorderConfig | DockConfig) & {
  sync: NonNullable<RecorderConfig["sync"]>;
};

/** Throws `sync-missing` for one that syncs with nobody, or is a receiver's. */
export function syncingConfig(config: Config): SyncingConfig {
  if (config.role === "receiver" || config.sync === undefined)
    throw new AgentError("sync-missing", config.role);
  return { ...config, sync: config.sync };
}

/**
 * The id of the device: as the running agent tells it, else by its key, whose private half is forgotten at once.
 * Throws what asking, or reading the key, throws.
 */
export async function deviceIdOf({ dataDir }: SyncingConfig): Promise<string> {
  try {
    const { dev } = await callAgent(dataDir, "status", {}, { timeoutMs: ANSWER_MS });
    if (dev !== undefined) return dev;
  } catch (error) {
    if (errorCode(error) !== "agent-not-running") throw error;
  }
  const key = readKeyFile(join(dataDir, "keys", "device.key"));
  key.destroy();
  return deviceVkey(key.publicKey).key.deviceId;
}

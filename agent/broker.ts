import type { Logger } from "../config/base/logger.ts";
import type { DockConfig, ReceiverConfig, RecorderConfig } from "../config/schema.ts";
import { EmbeddedBroker } from "../sync/broker/embedded-broker.ts";

const MAX_CONNECTIONS = 1024;

/** Starts the embedded broker if the configuration asks for one. Throws what `EmbeddedBroker.open` throws. */
export async function startBroker(
  config: RecorderConfig | DockConfig | ReceiverConfig,
  log: Logger,
): Promise<EmbeddedBroker | null> {
  if (config.role === "recorder" || config.broker === undefined) return null;
  const { listen, certFile, keyFile, caFile, usersFile } = config.broker;
  const colon = listen.lastIndexOf(":");
  return await EmbeddedBroker.open({
    host: listen.slice(0, colon).replace(/^\[(.*)\]$/, "$1"),
    port: Number(listen.slice(colon + 1)),
    shard: config.sync?.shard ?? "main",
    receivers: [receiverLogin(config)],
    ...(certFile === undefined || keyFile === undefined
      ? {}
      : { tls: { certFile, keyFile, ...(caFile === undefined ? {} : { caFile }) } }),
    ...(usersFile === undefined ? {} : { usersFile }),
    maxConnections: MAX_CONNECTIONS,
    log,
  });
}

/** The name under which the shard's receiver shows itself to the broker. */
export function receiverLogin(config: DockConfig | ReceiverConfig): string {
  if (config.role === "dock") return "receiver";
  return config.sync.username ?? `receiver-${config.sync.shard}`;
}

import { AgentError } from "../../config/base/errors.ts";
import { isDeviceId, parseTopic, probeClientId, probeTopic, shardFilters } from "../wire/topics.ts";

/** The access list of sync-protocol: who may write and read which topics of one shard. */

const DEVICE_ID_LETTERS = 32;

export type Principal =
  | { role: "device"; dev: string }
  | { role: "receiver" }
  /** Measures the way to the broker in the name of a device; reads and writes nothing but its own topic. */
  | { role: "probe"; dev: string };

/**
 * Who a proven name stands for: a device's name is its id, which must also be its client id, or a probe's. Where
 * nobody proves a name, a probe's is its client id. Throws `unknown-client`.
 */
export function principalOf(name: string, clientId: string, receivers: readonly string[]): Principal {
  if (receivers.includes(name)) return { role: "receiver" };
  if (isDeviceId(name) && clientId === name) return { role: "device", dev: name };
  const dev = clientId.slice(0, DEVICE_ID_LETTERS);
  const isProbe = isDeviceId(dev) && clientId === probeClientId(dev);
  if (isProbe && (name === dev || name === clientId)) return { role: "probe", dev };
  throw new AgentError(
    "unknown-client",
    `${JSON.stringify(name.slice(0, 80))} as ${JSON.stringify(clientId.slice(0, 80))}`,
  );
}

/** Throws `publish-refused` or `bad-topic`. Only `state` is retained. */
export function checkPublish(principal: Principal, shard: string, topic: string, retain: boolean): void {
  if (principal.role === "probe") {
    if (retain || topic !== probeTopic({ shard, dev: principal.dev }))
      throw new AgentError("publish-refused", topic);
    return;
  }
  const parsed = parseTopic(topic);
  const isAllowed =
    parsed.shard === shard &&
    (principal.role === "receiver"
      ? parsed.way === "down"
      : parsed.way !== "down" && parsed.dev === principal.dev) &&
    (!retain || parsed.way === "state");
  if (!isAllowed) throw new AgentError("publish-refused", topic);
}

export function maySubscribe(principal: Principal, shard: string, filter: string): boolean {
  switch (principal.role) {
    case "device": {
      const own = `fulltrace/v1/${shard}/${principal.dev}/down/`;
      return filter.startsWith(own) && /^(#|\+|[a-z]+)$/.test(filter.slice(own.length));
    }
    case "receiver":
      return shardFilters(shard).includes(filter);
    case "probe":
      return filter === probeTopic({ shard, dev: principal.dev });
  }
}

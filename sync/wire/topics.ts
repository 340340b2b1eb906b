import { AgentError } from "../../config/base/errors.ts";
import { isDigestHex } from "../../crypto/bytes/digest.ts";

/** The topics of sync-protocol: built and read here alone. */

/** What a device's message is about: the topic after `up/`. */
export type UpSubject =
  | { kind: "hello" }
  | { kind: "entries"; from: number }
  | { kind: "media"; digest: string; offset: number }
  | { kind: "want"; digest: string; offset: number }
  | { kind: "checkpoint" }
  | { kind: "health" };

export type DownKind = "have" | "receipt" | "cosignature" | "nack" | "order";

/** Where a topic belongs: the unit of scale-out and the device. */
export interface Address {
  shard: string;
  dev: string;
}

export type Topic = Address &
  (
    | { way: "up"; subject: UpSubject }
    | { way: "down"; kind: DownKind }
    | { way: "down"; kind: "part"; digest: string; offset: number }
    | { way: "state" }
  );

const ROOT = "fulltrace/v1";
const DOWN_KINDS: readonly string[] = [
  "have",
  "receipt",
  "cosignature",
  "nack",
  "order",
] satisfies DownKind[];

/** True for a word that every broker carries unchanged: NATS and RabbitMQ mangle dots. */
export function isWord(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(text);
}

export function isDeviceId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

/** Everything of one device lies below this. Throws `bad-topic` for a shard or device id that topics cannot carry. */
function base({ shard, dev }: Address): string {
  if (!isWord(shard)) throw new AgentError("bad-topic", `shard ${JSON.stringify(shard.slice(0, 80))}`);
  if (!isDeviceId(dev)) throw new AgentError("bad-topic", `device ${JSON.stringify(dev.slice(0, 80))}`);
  return `${ROOT}/${shard}/${dev}`;
}

export function upTopic(address: Address, subject: UpSubject): string {
  return `${base(address)}/up/${formatSubject(subject)}`;
}

export function downTopic(address: Address, kind: DownKind): string {
  return `${base(address)}/down/${kind}`;
}

/** Of the bytes of an ordered bundle from `offset` on. */
export function partTopic(address: Address, digest: string, offset: number): string {
  return `${base(address)}/down/part/${digest}/${offset}`;
}

export function stateTopic(address: Address): string {
  return `${base(address)}/state`;
}

/**
 * Where a technician's probe hears itself, beside the device whose name it has. It is no topic of the exchange: no
 * receiver subscribes to it, and `parseTopic` refuses it.
 */
export function probeTopic(address: Address): string {
  return `${base(address)}/probe`;
}

/** The client id of a probe: another than the device's, which would throw the device off the broker. */
export function probeClientId(dev: string): string {
  return `${dev}-probe`;
}

/** What a device subscribes to. */
export function downFilter(address: Address): string {
  return `${base(address)}/down/#`;
}

/** What a receiver subscribes to: everything that the devices of its shard write. Throws `bad-topic`. */
export function shardFilters(shard: string): string[] {
  if (!isWord(shard)) throw new AgentError("bad-topic", `shard ${JSON.stringify(shard.slice(0, 80))}`);
  return [`${ROOT}/${shard}/+/up/#`, `${ROOT}/${shard}/+/state`];
}

/** The topic after `up/`, as nacks name it. */
export function formatSubject(subject: UpSubject): string {
  switch (subject.kind) {
    case "hello":
    case "checkpoint":
    case "health":
      return subject.kind;
    case "entries":
      return `entries/${subject.from}`;
    case "media":
    case "want":
      return `${subject.kind}/${subject.digest}/${subject.offset}`;
  }
}

/** Reads what `formatSubject` writes; null for anything else. */
export function readSubject(text: string): UpSubject | null {
  const [kind, ...rest] = text.split("/");
  switch (kind) {
    case "hello":
    case "checkpoint":
    case "health":
      return rest.length === 0 ? { kind } : null;
    case "entries": {
      const from = readNumber(rest[0]);
      return rest.length === 1 && from !== null ? { kind, from } : null;
    }
    case "media":
    case "want": {
      const place = readPlace(rest);
      return place === null ? null : { kind, ...place };
    }
    default:
      return null;
  }
}

/** `{digest}/{offset}`. */
function readPlace(words: readonly string[]): { digest: string; offset: number } | null {
  const [digest = ""] = words;
  const offset = readNumber(words[1]);
  return words.length === 2 && isDigestHex(digest) && offset !== null ? { digest, offset } : null;
}

/** Reads any topic of the protocol. Throws `bad-topic` for every other one. */
export function parseTopic(topic: string): Topic {
  const refuse = (): never => {
    throw new AgentError("bad-topic", JSON.stringify(topic.slice(0, 200)));
  };
  const [, shard = "", dev = "", rest = ""] =
    /^fulltrace\/v1\/([^/]+)\/([^/]+)\/(.+)$/.exec(topic) ?? refuse();
  if (!isWord(shard) || !isDeviceId(dev)) refuse();
  if (rest === "state") return { shard, dev, way: "state" };
  if (rest.startsWith("up/")) {
    return { shard, dev, way: "up", subject: readSubject(rest.slice(3)) ?? refuse() };
  }
  if (rest.startsWith("down/part/")) {
    const place = readPlace(rest.slice(10).split("/")) ?? refuse();
    return { shard, dev, way: "down", kind: "part", ...place };
  }
  if (rest.startsWith("down/") && DOWN_KINDS.includes(rest.slice(5))) {
    return { shard, dev, way: "down", kind: rest.slice(5) as DownKind };
  }
  return refuse();
}

/** Decimal without leading zeros, within the safe integers; null for anything else. */
function readNumber(text: string | undefined): number | null {
  if (text === undefined || !/^(0|[1-9][0-9]{0,15})$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

import { errorCode } from "../../config/base/errors.ts";
import type { IncomingMessage } from "../link/link.ts";
import { MAX_ENTRIES_BYTES, MAX_PART_BYTES } from "../wire/limits.ts";
import { type Health, type NackCode, type Presence, parseHealth, parsePresence } from "../wire/messages.ts";
import { formatSubject, parseTopic } from "../wire/topics.ts";
import type { UpMessage } from "./store/letters.ts";

/** What came from the broker, read as far as the main thread needs it. */
export type Arrival =
  | { kind: "message"; dev: string; message: UpMessage }
  | { kind: "want"; dev: string; digest: string; offset: number }
  | { kind: "health"; dev: string; health: Health }
  | { kind: "presence"; dev: string; presence: Presence }
  | { kind: "refused"; dev: string; code: NackCode; about: string; detail: string }
  /** Nobody to answer, or nothing that calls for one. */
  | { kind: "stray"; code: string };

/** Reads a message of `shard`. Never throws: what is malformed is refused, or a stray. */
export function readArrival(
  incoming: IncomingMessage,
  shard: string,
  isKnown: (dev: string) => boolean,
): Arrival {
  const up = upTopicOf(incoming.topic, shard);
  try {
    const topic = parseTopic(incoming.topic);
    if (topic.shard !== shard || topic.way === "down") return { kind: "stray", code: "bad-topic" };
    const { dev } = topic;
    if (topic.way === "state") {
      if (!isKnown(dev)) return { kind: "stray", code: "unknown-device" };
      return { kind: "presence", dev, presence: parsePresence(incoming.payload) };
    }
    // only `state` is kept by a broker: whatever else is, nobody says now
    if (incoming.retained) return { kind: "stray", code: "retained" };
    const { subject } = topic;
    const about = formatSubject(subject);
    if (subject.kind === "health") {
      if (!isKnown(dev)) return { kind: "stray", code: "unknown-device" };
      return { kind: "health", dev, health: parseHealth(incoming.payload) };
    }
    if (!isKnown(dev)) return { kind: "refused", dev, code: "unknown-device", about, detail: dev };
    if (subject.kind === "want") return { ...subject, dev };
    const message: UpMessage = { subject, payload: incoming.payload };
    return sizeFault(dev, message, about) ?? { kind: "message", dev, message };
  } catch (error) {
    const code = errorCode(error);
    if (up === null) return { kind: "stray", code };
    const detail = error instanceof Error ? error.message : code;
    if (!isKnown(up.dev)) return { kind: "refused", ...up, code: "unknown-device", detail: up.dev };
    return { kind: "refused", ...up, code: code === "unsupported" ? "unsupported" : "bad-entry", detail };
  }
}

function sizeFault(dev: string, { subject, payload }: UpMessage, about: string): Arrival | null {
  const { length } = payload;
  if (subject.kind === "media" && length === 0) {
    return { kind: "refused", dev, code: "bad-entry", about, detail: "an empty part" };
  }
  const limit = subject.kind === "media" ? MAX_PART_BYTES : MAX_ENTRIES_BYTES;
  if (length <= limit) return null;
  return { kind: "refused", dev, code: "too-large", about, detail: `${length} of at most ${limit} bytes` };
}

/** Who is to be answered about a topic below `up/`, however malformed the rest of it is. */
function upTopicOf(topic: string, shard: string): { dev: string; about: string } | null {
  const [root, version, inShard, dev = "", up, ...rest] = topic.split("/");
  const isOurs = root === "fulltrace" && version === "v1" && inShard === shard && up === "up";
  return isOurs && /^[0-9a-f]{32}$/.test(dev) ? { dev, about: rest.join("/") } : null;
}

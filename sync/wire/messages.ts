import { isDigestHex } from "../../crypto/bytes/digest.ts";
import { RangeSet } from "../../crypto/bytes/ranges.ts";
import { MAX_NOTE_BYTES } from "../../crypto/proof/note.ts";
import { MAX_ORDER_BYTES } from "../../crypto/proof/update-order.ts";
import {
  badMessage,
  booleanField,
  countField,
  listField,
  objectField,
  optional,
  readObject,
  readText,
  readVersioned,
  textField,
} from "./fields.ts";
import { KIB, MAX_DONE_RANGES, MAX_DOWN_BYTES, MAX_LISTED_FILES } from "./limits.ts";

/**
 * The payloads of sync-protocol, "Topics", apart from entries and media parts. Every reader takes bytes
 * from outside and throws `bad-message`, or `unsupported` for a version other than 1.
 */

/** A device asks what the receiver holds. */
export interface Hello {
  /** Comes back as `re` of the answer. */
  nonce: string;
  agent: string;
  size: number;
  /** The newest checkpoint note, verbatim. */
  checkpoint?: string;
}

/** What the receiver holds: all it can list when it answers a hello, what changed when not. */
export interface Have {
  /** The nonce of the hello that this answers. */
  re?: string;
  /** Name of the receiver's custody key. */
  receiver: string;
  size: number;
  root: Buffer;
  /** The newest checkpoint note held, verbatim. */
  checkpoint?: string;
  /** Seqs whose media is complete; seqs without media count as complete. */
  done: RangeSet;
  /** Byte ranges held of unfinished files, by digest. */
  parts: Map<string, RangeSet>;
  /** Bytes of unanswered media allowed: the whole window. */
  credit: number;
}

export interface Health {
  utcMs: number;
  recording: boolean;
  batteryPct?: number;
  freeBytes: number;
  backlogBytes: number;
  backlogEntries: number;
  /** Age of the oldest entry that the receiver does not hold, or whose media it does not. */
  oldestMs: number;
  alarms: string[];
}

/** Witness lines for the checkpoint of `size`, each without LF. */
export interface Cosignature {
  size: number;
  lines: string[];
}

export type NackCode =
  | "slow-down"
  | "disk-full"
  | "bad-hash"
  | "bad-entry"
  | "fork"
  | "unknown-device"
  | "unauthorized"
  | "too-large"
  | "unsupported"
  | "unannounced";

export interface Nack {
  code: NackCode;
  /** The topic after `up/` of the message that is refused; may be one that `readSubject` refuses. */
  about: string;
  retryAfterMs?: number;
  detail?: string;
}

export type Presence = "online" | "offline";

const NACK_CODES: readonly string[] = [
  "slow-down",
  "disk-full",
  "bad-hash",
  "bad-entry",
  "fork",
  "unknown-device",
  "unauthorized",
  "too-large",
  "unsupported",
  "unannounced",
] satisfies NackCode[];

const MAX_HELLO_BYTES = 32 * KIB;
const MAX_HEALTH_BYTES = 16 * KIB;
const MAX_WORD_LENGTH = 128;
const MAX_ABOUT_LENGTH = 256;
const MAX_DETAIL_LENGTH = 1000;
const MAX_ALARMS = 64;
const MAX_COSIGNATURE_LINES = 32;
const MAX_LINE_LENGTH = 1000;

function encode(fields: object): Buffer {
  return Buffer.from(JSON.stringify(fields));
}

export function encodeHello({ nonce, agent, size, checkpoint }: Hello): Buffer {
  return encode({ v: 1, nonce, agent, size, checkpoint });
}

export function parseHello(payload: Uint8Array): Hello {
  const { nonce, agent, size, checkpoint } = readVersioned(payload, MAX_HELLO_BYTES, "hello");
  return {
    nonce: textField(nonce, MAX_WORD_LENGTH, "hello: nonce"),
    agent: textField(agent, MAX_WORD_LENGTH, "hello: agent"),
    size: countField(size, "hello: size"),
    ...optional("checkpoint", checkpoint, (note) => textField(note, MAX_NOTE_BYTES, "hello: checkpoint")),
  };
}

/** The caller keeps `done` and `parts` within the limits that the reader enforces. */
export function encodeHave({ re, receiver, size, root, checkpoint, done, parts, credit }: Have): Buffer {
  return encode({
    v: 1,
    re,
    receiver,
    size,
    root: root.toString("hex"),
    checkpoint,
    done,
    parts: Object.fromEntries(parts),
    credit,
  });
}

export function parseHave(payload: Uint8Array): Have {
  const { re, receiver, size, root, checkpoint, done, parts, credit } = readVersioned(
    payload,
    MAX_DOWN_BYTES,
    "have",
  );
  if (typeof root !== "string" || !isDigestHex(root)) throw badMessage("have: root");
  const files = Object.entries(objectField(parts, "have: parts"));
  if (files.length > MAX_LISTED_FILES) throw badMessage(`have: ${files.length} unfinished files`);
  return {
    ...optional("re", re, (nonce) => textField(nonce, MAX_WORD_LENGTH, "have: re")),
    receiver: textField(receiver, MAX_WORD_LENGTH, "have: receiver"),
    size: countField(size, "have: size"),
    root: Buffer.from(root, "hex"),
    ...optional("checkpoint", checkpoint, (note) => textField(note, MAX_NOTE_BYTES, "have: checkpoint")),
    done: rangesField(done, MAX_DONE_RANGES, "have: done"),
    parts: new Map(
      files.map(([digest, ranges]) => {
        if (!isDigestHex(digest)) throw badMessage("have: parts: not a digest");
        return [digest, rangesField(ranges, MAX_DOWN_BYTES, "have: parts")] as const;
      }),
    ),
    credit: countField(credit, "have: credit"),
  };
}

function rangesField(value: unknown, limit: number, place: string): RangeSet {
  try {
    return RangeSet.parse(value, limit);
  } catch (cause) {
    throw badMessage(place, cause);
  }
}

export function encodeHealth(health: Health): Buffer {
  return encode({
    v: 1,
    utc_ms: health.utcMs,
    recording: health.recording,
    battery_pct: health.batteryPct,
    free_bytes: health.freeBytes,
    backlog_bytes: health.backlogBytes,
    backlog_entries: health.backlogEntries,
    oldest_ms: health.oldestMs,
    alarms: health.alarms,
  });
}

export function parseHealth(payload: Uint8Array): Health {
  const fields = readVersioned(payload, MAX_HEALTH_BYTES, "health");
  return {
    utcMs: countField(fields.utc_ms, "health: utc_ms"),
    recording: booleanField(fields.recording, "health: recording"),
    ...optional("batteryPct", fields.battery_pct, (value) => countField(value, "health: battery_pct")),
    freeBytes: countField(fields.free_bytes, "health: free_bytes"),
    backlogBytes: countField(fields.backlog_bytes, "health: backlog_bytes"),
    backlogEntries: countField(fields.backlog_entries, "health: backlog_entries"),
    oldestMs: countField(fields.oldest_ms, "health: oldest_ms"),
    alarms: listField(fields.alarms, MAX_ALARMS, "health: alarms", (alarm, place) =>
      textField(alarm, MAX_WORD_LENGTH, place),
    ),
  };
}

export function encodeCosignature({ size, lines }: Cosignature): Buffer {
  return encode({ size, lines });
}

export function parseCosignature(payload: Uint8Array): Cosignature {
  const { size, lines } = readObject(payload, MAX_DOWN_BYTES, "cosignature");
  return {
    size: countField(size, "cosignature: size"),
    lines: listField(lines, MAX_COSIGNATURE_LINES, "cosignature: lines", (line, place) => {
      const text = textField(line, MAX_LINE_LENGTH, place);
      if (text.includes("\n")) throw badMessage(`${place}: LF inside`);
      return text;
    }),
  };
}

export function encodeNack({ code, about, retryAfterMs, detail }: Nack): Buffer {
  return encode({
    v: 1,
    code,
    about: about.slice(0, MAX_ABOUT_LENGTH),
    retry_after_ms: retryAfterMs,
    detail: detail?.slice(0, MAX_DETAIL_LENGTH).toWellFormed(),
  });
}

export function parseNack(payload: Uint8Array): Nack {
  const { code, about, retry_after_ms, detail } = readVersioned(payload, MAX_DOWN_BYTES, "nack");
  if (typeof code !== "string" || !NACK_CODES.includes(code)) throw badMessage("nack: code");
  return {
    code: code as NackCode,
    about: textField(about, MAX_ABOUT_LENGTH, "nack: about"),
    ...optional("retryAfterMs", retry_after_ms, (value) => countField(value, "nack: retry_after_ms")),
    ...optional("detail", detail, (value) => textField(value, MAX_DETAIL_LENGTH, "nack: detail")),
  };
}

/** A checkpoint note's text; its form and signatures are for the reader of notes to judge. */
export function parseCheckpoint(payload: Uint8Array): string {
  return readText(payload, MAX_NOTE_BYTES, "checkpoint");
}

/** A receipt envelope's text; its form and signature are for the reader of receipts to judge. */
export function parseReceipt(payload: Uint8Array): string {
  return readText(payload, MAX_DOWN_BYTES, "receipt");
}

/** An envelope, not looked into. */
export function parseOrder(payload: Uint8Array): string {
  return readText(payload, MAX_ORDER_BYTES, "order");
}

export function parsePresence(payload: Uint8Array): Presence {
  const text = readText(payload, KIB, "state");
  if (text !== "online" && text !== "offline") throw badMessage("state: neither online nor offline");
  return text;
}

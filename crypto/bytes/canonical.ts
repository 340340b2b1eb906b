import { AgentError } from "../../config/base/errors.ts";

/** What a body may hold (ledger-format §1): no null, no floats. */
export type Json = string | number | boolean | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export const MAX_BODY_BYTES = 16 * 1024;
export const MAX_DEPTH = 8;

const KEY = /^[a-z][a-z0-9_]*$/;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The canonical text of a value: RFC 8785 (JCS) restricted as ledger-format §1 says.
 * Throws `not-canonical` for what the format cannot hold; properties that are `undefined` are left out.
 */
export function canonicalText(value: unknown): string {
  return write(value, 1);
}

/**
 * The canonical UTF-8 bytes of an entry's body. Throws `not-canonical`, or `body-too-large` over 16 KiB.
 */
export function canonicalBody(value: object): Buffer {
  const bytes = Buffer.from(write(value, 1));
  if (bytes.length > MAX_BODY_BYTES) {
    throw new AgentError("body-too-large", `${bytes.length} of at most ${MAX_BODY_BYTES} bytes`);
  }
  return bytes;
}

/**
 * Reads a body, requiring that its bytes are the canonical ones: `canonical(parse(body)) === body`.
 * Throws `not-canonical` or `body-too-large`; never returns a value that would be written differently.
 */
export function parseBody(bytes: Uint8Array): JsonObject {
  if (bytes.length > MAX_BODY_BYTES) {
    throw new AgentError("body-too-large", `${bytes.length} of at most ${MAX_BODY_BYTES} bytes`);
  }
  const text = decodeUtf8(bytes);
  const value = parseCanonicalText(text);
  if (typeof value !== "object" || Array.isArray(value))
    throw new AgentError("not-canonical", "not an object");
  return value;
}

/** Reads any canonical JSON text (a body, a `sigs` column, a payload). Throws `not-canonical`. */
export function parseCanonicalText(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AgentError("not-canonical", "not JSON", { cause });
  }
  requireForm(value, 1);
  // what is left of RFC 8785 once keys are in order and numbers are integers is what JSON.stringify writes:
  // three times as fast as writing the value anew
  if (JSON.stringify(value) !== text) throw new AgentError("not-canonical", "differs from its RFC 8785 form");
  return value;
}

/** Strict UTF-8. Throws `not-canonical`. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new AgentError("not-canonical", "not UTF-8", { cause });
  }
}

/** Throws `not-canonical` for what the format cannot hold and for keys out of order. */
function requireForm(value: unknown, depth: number): asserts value is Json {
  if (typeof value !== "object") {
    requireScalar(value);
    return;
  }
  requireContainer(value, depth);
  if (Array.isArray(value)) {
    for (const item of value) requireForm(item, depth + 1);
    return;
  }
  let previous = "";
  for (const key in value) {
    requireKey(key);
    if (key <= previous) throw new AgentError("not-canonical", "keys out of order");
    previous = key;
    requireForm((value as Record<string, unknown>)[key], depth + 1);
  }
}

function requireScalar(value: unknown): void {
  switch (typeof value) {
    case "string":
      if (!value.isWellFormed()) throw new AgentError("not-canonical", "lone surrogate");
      return;
    case "number":
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
        throw new AgentError("not-canonical", `number ${Object.is(value, -0) ? "-0" : value}`);
      }
      return;
    case "boolean":
      return;
    case "undefined":
    case "bigint":
    case "symbol":
    case "function":
    case "object":
      throw new AgentError("not-canonical", typeof value);
  }
}

function requireContainer(value: object | null, depth: number): asserts value is object {
  if (value === null) throw new AgentError("not-canonical", "null");
  if (depth > MAX_DEPTH) throw new AgentError("not-canonical", `deeper than ${MAX_DEPTH} containers`);
}

function requireKey(key: string): void {
  if (!KEY.test(key)) throw new AgentError("not-canonical", `key ${JSON.stringify(key.slice(0, 40))}`);
}

function write(value: unknown, depth: number): string {
  if (typeof value !== "object") {
    requireScalar(value);
    return JSON.stringify(value);
  }
  requireContainer(value, depth);
  return Array.isArray(value)
    ? writeArray(value, depth)
    : writeObject(value as Record<string, unknown>, depth);
}

function writeArray(items: unknown[], depth: number): string {
  let out = "[";
  for (let i = 0; i < items.length; i++) out += (i === 0 ? "" : ",") + write(items[i], depth + 1);
  return `${out}]`;
}

function writeObject(object: Record<string, unknown>, depth: number): string {
  let out = "{";
  for (const key of Object.keys(object).sort()) {
    const value = object[key];
    if (value === undefined) continue;
    requireKey(key);
    out += `${out.length === 1 ? "" : ","}"${key}":${write(value, depth + 1)}`;
  }
  return `${out}}`;
}

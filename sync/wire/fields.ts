import { AgentError } from "../../config/base/errors.ts";
import { decodeUtf8 } from "../../crypto/bytes/canonical.ts";

/**
 * Field readers for the JSON payloads. Each takes a value from outside and returns it typed,
 * or throws `bad-message` naming the field. Fields nobody asked for are ignored, so that
 * a later version may add some.
 */

export type Fields = Record<string, unknown>;

export function badMessage(place: string, cause?: unknown): AgentError {
  return new AgentError("bad-message", place, cause === undefined ? {} : { cause });
}

/** Strict UTF-8 text of at most `maxBytes`. Throws `bad-message`. */
export function readText(payload: Uint8Array, maxBytes: number, place: string): string {
  if (payload.length > maxBytes) throw badMessage(`${place}: ${payload.length} of at most ${maxBytes} bytes`);
  try {
    return decodeUtf8(payload);
  } catch (cause) {
    throw badMessage(`${place}: not UTF-8`, cause);
  }
}

/** One JSON object. Throws `bad-message`. */
export function readObject(payload: Uint8Array, maxBytes: number, place: string): Fields {
  const text = readText(payload, maxBytes, place);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badMessage(`${place}: not JSON`, cause);
  }
  return objectField(value, place);
}

/** As `readObject`, for payloads that carry `v`. Throws `unsupported` for a version other than 1. */
export function readVersioned(payload: Uint8Array, maxBytes: number, place: string): Fields {
  const fields = readObject(payload, maxBytes, place);
  if (fields.v !== 1)
    throw new AgentError("unsupported", `${place}: v ${JSON.stringify(fields.v)?.slice(0, 40)}`);
  return fields;
}

export function objectField(value: unknown, place: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw badMessage(`${place}: not an object`);
  return value as Fields;
}

/** A non-negative safe integer. */
export function countField(value: unknown, place: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw badMessage(place);
  return value;
}

export function booleanField(value: unknown, place: string): boolean {
  if (typeof value !== "boolean") throw badMessage(place);
  return value;
}

/** Well-formed text of at most `maxLength` UTF-16 units. */
export function textField(value: unknown, maxLength: number, place: string): string {
  if (typeof value !== "string" || value.length > maxLength || !value.isWellFormed()) {
    throw badMessage(place);
  }
  return value;
}

export function listField<T>(
  value: unknown,
  maxLength: number,
  place: string,
  read: (item: unknown, place: string) => T,
): T[] {
  if (!Array.isArray(value) || value.length > maxLength) throw badMessage(place);
  return value.map((item, i) => read(item, `${place}[${i}]`));
}

/** `{name: read(value)}`, or nothing where the field is absent: for fields that may be left out. */
export function optional<K extends string, T>(
  name: K,
  value: unknown,
  read: (value: unknown) => T,
): { [P in K]?: T } {
  return value === undefined ? {} : ({ [name]: read(value) } as { [P in K]?: T });
}

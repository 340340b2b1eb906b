import { AgentError } from "../../../../config/base/errors.ts";
import { MAX_FILE_BYTES, type RecorderFile } from "../../../recorders/recorder-driver.ts";

/**
 * The data socket of the USB process: how the bytes of a recorder's file reach an import thread.
 *
 * A Unix stream socket; one connection for each range. The client sends one line of JSON,
 * `{"link", "file", "offset", "length"}` and LF, at most 16 KiB. The process answers with frames: kind (1 byte), length of the
 * body (4 bytes, big-endian), body:
 *
 * | kind | body |
 * |---|---|
 * | 1 data | 1 to 262,144 bytes of the file |
 * | 2 end | how many bytes were sent in all, 8 bytes, big-endian |
 * | 3 error | JSON `{"code", "place"}`, at most 4 KiB; the bytes before it are good |
 *
 * After `end` or `error` the process closes. A connection that closes without either is `recorder-gone`: the process,
 * or its link, is no more. Who reads slowly makes the process read the recorder slowly.
 */

export interface DataRequest {
  link: string;
  file: RecorderFile;
  offset: number;
  /** Fewer bytes come only where the file ends. */
  length: number;
}

export const DATA = 1;
export const END = 2;
export const ERROR = 3;

export const HEADER_BYTES = 5;
export const MAX_DATA_BYTES = 262_144;
export const END_BYTES = 8;
export const MAX_ERROR_BYTES = 4096;
export const MAX_REQUEST_BYTES = 16_384;

/** Writes a header at the beginning of `into`. */
export function writeHeader(into: Uint8Array, kind: number, bodyBytes: number): void {
  into[0] = kind;
  new DataView(into.buffer, into.byteOffset).setUint32(1, bodyBytes);
}

export function endFrame(sentBytes: number): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + END_BYTES);
  writeHeader(frame, END, END_BYTES);
  new DataView(frame.buffer).setBigUint64(HEADER_BYTES, BigInt(sentBytes));
  return frame;
}

export function errorFrame(error: AgentError): Uint8Array {
  const body = Buffer.from(JSON.stringify({ code: error.code, place: error.place.slice(0, 500) }));
  const frame = new Uint8Array(HEADER_BYTES + body.length);
  writeHeader(frame, ERROR, body.length);
  frame.set(body, HEADER_BYTES);
  return frame;
}

/** The header at the beginning of `bytes`. Throws `recorder-answer` for a kind or a length that there is not. */
export function readHeader(bytes: Uint8Array): { kind: number; bodyBytes: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const kind = view.getUint8(0);
  const bodyBytes = view.getUint32(1);
  const fits =
    (kind === DATA && bodyBytes >= 1 && bodyBytes <= MAX_DATA_BYTES) ||
    (kind === END && bodyBytes === END_BYTES) ||
    (kind === ERROR && bodyBytes <= MAX_ERROR_BYTES);
  if (!fits) throw new AgentError("recorder-answer", `data frame ${kind} of ${bodyBytes} bytes`);
  return { kind, bodyBytes };
}

/** What an error frame tells. Throws `recorder-answer` if it tells nothing. */
export function readError(body: Uint8Array): AgentError {
  const { code, place } = object(parsed(Buffer.from(body).toString()));
  if (typeof code !== "string" || !/^[a-z][a-z0-9-]{0,63}$/.test(code) || typeof place !== "string")
    throw new AgentError("recorder-answer", "data frame: error");
  return new AgentError(code, place);
}

/** A request line. Throws `data-request` for what is none. */
export function readRequest(line: string): DataRequest {
  const { link, file, offset, length } = object(parsed(line));
  const { handle, path, bytes, modifiedMs } = object(file);
  const whole =
    typeof link === "string" &&
    typeof handle === "string" &&
    typeof path === "string" &&
    isCount(bytes) &&
    isCount(offset) &&
    isCount(length) &&
    (modifiedMs === undefined || typeof modifiedMs === "number");
  if (!whole) throw new AgentError("data-request", "link, file, offset or length");
  return {
    link,
    file: { handle, path, bytes, ...(modifiedMs === undefined ? {} : { modifiedMs }) },
    offset,
    length,
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= MAX_FILE_BYTES;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

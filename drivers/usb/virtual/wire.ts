import { AgentError } from "../../../config/base/errors.ts";
import type { VirtualDevice } from "../../simulator/virtual-device.ts";
import type { UsbEndpoint, UsbInterface } from "../usb-link.ts";

/**
 * The cable of a virtual device: a Unix stream socket in the folder that is the hub, named like the port.
 * Frames both ways, all numbers little-endian as on USB:
 *
 *     length u32 of what follows · kind u8 · call u32 · body
 *
 * The device begins with one `hello` (call 0), its descriptors as JSON. Then the host asks, and the device answers
 * each call with `value` (bytes) or `error` (JSON `{code, place}`), in the order it gets them done. The end of the
 * connection is the unplugging.
 *
 * The body of a request is 20 bytes of fields and, for what is written, the bytes:
 *
 *     interface u8 · endpoint or requestType u8 · request u8 · endShort u8 · value u16 · index u16 · length u32 ·
 *     timeoutMs u32 · 4 bytes of zero
 */
export const KIND = {
  hello: 0,
  value: 1,
  error: 2,
  open: 16,
  close: 17,
  controlIn: 18,
  controlOut: 19,
  bulkIn: 20,
  bulkOut: 21,
  clearHalt: 22,
  reset: 23,
} as const;

/** One transfer carries no more. */
export const MAX_TRANSFER_BYTES = 1_048_576;
export const MAX_TEXT_BYTES = 65_536;
const PREFIX_BYTES = 9;
const FIELDS_BYTES = 20;
const MAX_FRAME_BYTES = 5 + FIELDS_BYTES + MAX_TRANSFER_BYTES;

export interface Frame {
  kind: number;
  call: number;
  body: Uint8Array;
}

export interface Request {
  interfaceNumber: number;
  /** Endpoint address, or the request type of a control transfer. */
  address: number;
  request: number;
  endShort: boolean;
  value: number;
  index: number;
  length: number;
  timeoutMs: number;
}

export const NO_REQUEST: Request = {
  interfaceNumber: 0,
  address: 0,
  request: 0,
  endShort: false,
  value: 0,
  index: 0,
  length: 0,
  timeoutMs: 0,
};

/** One frame as it goes over the socket. */
export function frameBytes(kind: number, call: number, ...parts: Uint8Array[]): Buffer {
  const bodyBytes = parts.reduce((sum, part) => sum + part.length, 0);
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + bodyBytes);
  frame.writeUInt32LE(5 + bodyBytes, 0);
  frame.writeUInt8(kind, 4);
  frame.writeUInt32LE(call, 5);
  let at = PREFIX_BYTES;
  for (const part of parts) {
    frame.set(part, at);
    at += part.length;
  }
  return frame;
}

export function requestFields(request: Request): Uint8Array {
  const fields = Buffer.alloc(FIELDS_BYTES);
  fields.writeUInt8(request.interfaceNumber, 0);
  fields.writeUInt8(request.address, 1);
  fields.writeUInt8(request.request, 2);
  fields.writeUInt8(request.endShort ? 1 : 0, 3);
  fields.writeUInt16LE(request.value, 4);
  fields.writeUInt16LE(request.index, 6);
  fields.writeUInt32LE(request.length, 8);
  fields.writeUInt32LE(request.timeoutMs, 12);
  return fields;
}

/** Throws `usb-wire` for a body that is too short, or asks for more than a transfer carries. */
export function readRequest(body: Uint8Array): { request: Request; bytes: Uint8Array } {
  if (body.length < FIELDS_BYTES) throw new AgentError("usb-wire", "request too short");
  const fields = Buffer.from(body.buffer, body.byteOffset, FIELDS_BYTES);
  const length = fields.readUInt32LE(8);
  if (length > MAX_TRANSFER_BYTES) throw new AgentError("usb-wire", `${length} bytes asked for`);
  const request = {
    interfaceNumber: fields.readUInt8(0),
    address: fields.readUInt8(1),
    request: fields.readUInt8(2),
    endShort: fields.readUInt8(3) === 1,
    value: fields.readUInt16LE(4),
    index: fields.readUInt16LE(6),
    length,
    timeoutMs: fields.readUInt32LE(12),
  };
  return { request, bytes: body.subarray(FIELDS_BYTES) };
}

/** Takes frames from a stream, whatever pieces it comes in; holds one frame at most. */
export class FrameReader {
  #held = new Uint8Array(0);
  #heldBytes = 0;
  readonly #onFrame: (frame: Frame) => void;

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame;
  }

  /** Throws `usb-wire` for a length that no frame has. Bodies are memory of their own. */
  push(piece: Uint8Array): void {
    let at = 0;
    while (at < piece.length) {
      const wanted = this.#heldBytes < 4 ? 4 : 4 + this.#frameBytes();
      if (this.#held.length < wanted) {
        const grown = new Uint8Array(wanted);
        grown.set(this.#held.subarray(0, this.#heldBytes));
        this.#held = grown;
      }
      const part = piece.subarray(at, at + wanted - this.#heldBytes);
      this.#held.set(part, this.#heldBytes);
      at += part.length;
      this.#heldBytes += part.length;
      if (this.#heldBytes < 4 || this.#heldBytes < 4 + this.#frameBytes()) continue;
      const frame = Buffer.from(this.#held.buffer, 0, this.#heldBytes);
      this.#held = new Uint8Array(0);
      this.#heldBytes = 0;
      this.#onFrame({
        kind: frame.readUInt8(4),
        call: frame.readUInt32LE(5),
        body: frame.subarray(PREFIX_BYTES),
      });
    }
  }

  #frameBytes(): number {
    const bytes = new DataView(this.#held.buffer).getUint32(0, true);
    if (bytes < 5 || bytes > MAX_FRAME_BYTES) throw new AgentError("usb-wire", `frame of ${bytes} bytes`);
    return bytes;
  }
}

export function textOf(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** What an answer of kind `error` says; a code that no link has becomes `usb-failed`. */
export function errorOf(body: Uint8Array): AgentError {
  const { code, place } = object(parsed(body));
  const known =
    typeof code === "string" && /^usb-(timeout|stall|gone|access|busy|overflow|failed)$/.test(code);
  return new AgentError(known ? code : "usb-failed", typeof place === "string" ? place.slice(0, 200) : "?");
}

/** Descriptors from a hello. Throws `usb-wire` for what is none, or has more than a device can have. */
export function descriptorsOf(body: Uint8Array): VirtualDevice["descriptors"] {
  const given = object(parsed(body));
  const { interfaces } = given;
  if (!Array.isArray(interfaces) || interfaces.length > 32) throw new AgentError("usb-wire", "interfaces");
  return {
    vendorId: number(given, "vendorId", 0xffff),
    productId: number(given, "productId", 0xffff),
    deviceClass: number(given, "deviceClass", 0xff),
    ...texts(given, ["manufacturer", "product", "serial"]),
    interfaces: interfaces.map((one) => interfaceOf(object(one))),
  };
}

function interfaceOf(given: Record<string, unknown>): UsbInterface {
  const { endpoints } = given;
  if (!Array.isArray(endpoints) || endpoints.length > 30) throw new AgentError("usb-wire", "endpoints");
  return {
    number: number(given, "number", 0xff),
    class: number(given, "class", 0xff),
    subclass: number(given, "subclass", 0xff),
    protocol: number(given, "protocol", 0xff),
    ...texts(given, ["name"]),
    endpoints: endpoints.map((one) => endpointOf(object(one))),
  };
}

const ENDPOINT_TYPES = ["control", "isochronous", "bulk", "interrupt"] as const;

function endpointOf(given: Record<string, unknown>): UsbEndpoint {
  const type = ENDPOINT_TYPES.find((known) => known === given["type"]);
  if (type === undefined) throw new AgentError("usb-wire", "endpoint type");
  return { address: number(given, "address", 0xff), type, packetBytes: number(given, "packetBytes", 1024) };
}

function number(given: Record<string, unknown>, name: string, max: number): number {
  const value = given[name];
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > max)
    throw new AgentError("usb-wire", name);
  return value;
}

/** A string descriptor holds 126 letters at most (USB 2.0 §9.6.7). */
function texts(given: Record<string, unknown>, names: string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = given[name];
      return typeof value === "string" ? [[name, value.slice(0, 126)]] : [];
    }),
  );
}

function parsed(body: Uint8Array): unknown {
  if (body.length > MAX_TEXT_BYTES) throw new AgentError("usb-wire", "text too long");
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString());
  } catch {
    return null;
  }
}

function object(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

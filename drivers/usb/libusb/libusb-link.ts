import type { Device, Transfer } from "usb";
import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { ControlSetup, UsbInterface, UsbLink } from "../usb-link.ts";
import { usbError } from "./libusb-errors.ts";
import { TimeLimits } from "./time-limits.ts";

const CONTROL = 0;
const BULK = 2;
const SETUP_BYTES = 8;
/** libusb measures the time limit itself; a transfer that it forgets is cancelled so much later. */
const GRACE_MS = 2_000;
/** An unplugged device fails its transfers with a common I/O error, and is told as detached a moment later. */
const DETACHED_WITHIN_MS = 500;
const CALL_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 3_000;

type MakeTransfer = typeof Transfer;
type TransferEnd = (error: Error | undefined, buffer: Buffer, count: number) => void;

/** A device that is opened, whatever number of its interfaces are claimed. */
export interface OpenedDevice {
  readonly device: Device;
  readonly port: string;
  /** Aborts when it is unplugged. */
  readonly detached: AbortSignal;
  /** Gives up this interface's share of the open device. */
  done(): void;
}

/** One claimed interface through libusb. */
export class LibusbLink implements UsbLink {
  readonly #opened: OpenedDevice;
  readonly #interface: UsbInterface;
  readonly #Transfer: MakeTransfer;
  readonly #clock: Clock;
  readonly #limits: TimeLimits;
  readonly #running = new Map<Transfer, Promise<unknown>>();
  #closed: Promise<void> | null = null;

  constructor(opened: OpenedDevice, claimed: UsbInterface, makeTransfer: MakeTransfer, clock: Clock) {
    this.#opened = opened;
    this.#interface = claimed;
    this.#Transfer = makeTransfer;
    this.#clock = clock;
    this.#limits = new TimeLimits(clock, opened.port);
  }

  async controlIn(setup: ControlSetup, length: number, timeoutMs: number): Promise<Uint8Array> {
    const buffer = setupBytes(setup, length, new Uint8Array(length));
    const count = await this.#transfer(0, CONTROL, buffer, timeoutMs);
    return buffer.subarray(SETUP_BYTES, SETUP_BYTES + count);
  }

  async controlOut(setup: ControlSetup, bytes: Uint8Array, timeoutMs: number): Promise<void> {
    const count = await this.#transfer(0, CONTROL, setupBytes(setup, bytes.length, bytes), timeoutMs);
    this.#whole(count, bytes.length);
  }

  async bulkIn(
    endpoint: number,
    length: number,
    timeoutMs: number,
    memory: Uint8Array = Buffer.allocUnsafeSlow(length),
  ): Promise<Uint8Array> {
    const buffer = Buffer.from(memory.buffer, memory.byteOffset, length);
    return buffer.subarray(0, await this.#transfer(endpoint, BULK, buffer, timeoutMs));
  }

  async bulkOut(endpoint: number, bytes: Uint8Array, timeoutMs: number, endShort = false): Promise<void> {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#whole(await this.#transfer(endpoint, BULK, buffer, timeoutMs), bytes.length);
    const packet = this.#interface.endpoints.find((one) => one.address === endpoint)?.packetBytes ?? 0;
    if (endShort && bytes.length > 0 && packet > 0 && bytes.length % packet === 0)
      await this.#transfer(endpoint, BULK, Buffer.alloc(0), timeoutMs);
  }

  async clearHalt(endpoint: number): Promise<void> {
    await this.#call("clear halt", (done) => this.#opened.device.__clearHalt(endpoint, done));
  }

  async reset(): Promise<void> {
    await this.#call("reset", (done) => this.#opened.device.reset(done));
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** A device with a transfer under way cannot be closed: libusb would crash. */
  async #close(): Promise<void> {
    for (const transfer of this.#running.keys()) cancel(transfer);
    await this.#limits.within(CLOSE_TIMEOUT_MS, Promise.allSettled(this.#running.values())).catch(() => {});
    const released = new Promise<void>((resolve) => {
      try {
        this.#opened.device.__releaseInterface(this.#interface.number, () => resolve());
      } catch {
        resolve();
      }
    });
    await this.#limits.within(CLOSE_TIMEOUT_MS, released).catch(() => {});
    this.#limits.end();
    this.#opened.done();
  }

  async #transfer(endpoint: number, type: number, buffer: Buffer, timeoutMs: number): Promise<number> {
    const place = `${this.#opened.port}, endpoint ${endpoint}`;
    this.#usable(place);
    let transfer: Transfer | null = null;
    const ended = new Promise<number>((resolve, reject) => {
      // nothing is thrown in here: node-usb would end the process with it
      const end: TransferEnd = (error, _buffer, count) =>
        error === undefined || error === null ? resolve(count) : reject(error);
      // to libusb, 0 is for ever
      transfer = new this.#Transfer(this.#opened.device, endpoint, type, Math.max(1, timeoutMs), end);
      transfer.submit(buffer);
    });
    try {
      return await this.#tracked(transfer, ended, timeoutMs + GRACE_MS);
    } catch (cause) {
      throw await this.#explained(usbError(cause, place));
    }
  }

  /** `close` waits for every transfer that libusb still has, this promise's end or not. */
  async #tracked(transfer: Transfer | null, ended: Promise<number>, limitMs: number): Promise<number> {
    if (transfer === null) return ended;
    this.#running.set(transfer, ended);
    const forget = (): void => {
      this.#running.delete(transfer);
    };
    ended.then(forget, forget);
    try {
      return await this.#limits.within(limitMs, ended);
    } catch (error) {
      if (this.#running.has(transfer)) cancel(transfer);
      throw error;
    }
  }

  async #call(what: string, make: (done: (error?: Error) => void) => void): Promise<void> {
    const place = `${this.#opened.port}, ${what}`;
    this.#usable(place);
    const made = new Promise<void>((resolve, reject) => {
      make((error) => (error === undefined || error === null ? resolve() : reject(error)));
    });
    try {
      await this.#limits.within(CALL_TIMEOUT_MS, made);
    } catch (cause) {
      throw await this.#explained(usbError(cause, place));
    }
  }

  /** What fails while the device is being unplugged failed because of that. */
  async #explained(error: AgentError): Promise<AgentError> {
    const { detached, port } = this.#opened;
    if (error.code !== "usb-failed") return error;
    await this.#clock.sleep(DETACHED_WITHIN_MS, detached).catch(() => {});
    return detached.aborted ? new AgentError("usb-gone", port, { cause: error }) : error;
  }

  #usable(place: string): void {
    if (this.#closed !== null || this.#opened.detached.aborted) throw new AgentError("usb-gone", place);
  }

  #whole(count: number, length: number): void {
    if (count !== length) throw new AgentError("usb-failed", `${count} of ${length} bytes written`);
  }
}

/** Setup packet (USB 2.0 §9.3) and what follows it, in one buffer as libusb wants it. */
function setupBytes(setup: ControlSetup, length: number, bytes: Uint8Array): Buffer {
  const buffer = Buffer.alloc(SETUP_BYTES + length);
  buffer.writeUInt8(setup.requestType, 0);
  buffer.writeUInt8(setup.request, 1);
  buffer.writeUInt16LE(setup.value, 2);
  buffer.writeUInt16LE(setup.index, 4);
  buffer.writeUInt16LE(length, 6);
  buffer.set(bytes, SETUP_BYTES);
  return buffer;
}

function cancel(transfer: Transfer): void {
  try {
    transfer.cancel();
  } catch {
    // it has ended, or its device has gone
  }
}

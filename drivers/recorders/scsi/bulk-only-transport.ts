import type { Clock } from "../../../config/base/clock.ts";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { UsbDevice, UsbLink } from "../../usb/usb-link.ts";
import {
  CSW_BYTES,
  commandWrapper,
  type DataDirection,
  parseStatusWrapper,
  type StatusWrapper,
} from "./wrappers.ts";

/** The mass storage reset of §3.1; a device that hangs is not waited for longer. */
const RECOVERY_TIMEOUT_MS = 1_000;
const MAX_TAG = 0xffff_ffff;
/** A status phase that stalls or comes empty is read once more (§5.3.3, figure 2). */
const STATUS_READS = 2;

/** One interface that speaks bulk-only transport, and its two endpoints. */
export interface BulkOnlyInterface {
  number: number;
  inEndpoint: number;
  outEndpoint: number;
}

export interface TransportCommand {
  /** For errors: what is asked, such as `INQUIRY`. */
  name: string;
  /** 6 to 16 bytes. */
  command: Uint8Array;
  data: { direction: "none" } | { direction: "in"; bytes: number } | { direction: "out"; bytes: Uint8Array };
  /** For all phases together. */
  timeoutMs: number;
  /** Called when the device has taken the command: from here on it may have been done. */
  onTaken?: () => void;
}

export type TransportAnswer = { passed: true; data: Uint8Array } | { passed: false };

/** The interface of `device` that is a disk by its descriptors (Bulk-Only 1.0 §4.3); throws `unsupported`. */
export function bulkOnlyInterface(device: UsbDevice): BulkOnlyInterface {
  for (const one of device.interfaces) {
    if (one.class !== 0x08 || one.subclass !== 0x06 || one.protocol !== 0x50) continue;
    const bulk = one.endpoints.filter((endpoint) => endpoint.type === "bulk");
    const inEndpoint = bulk.find((endpoint) => (endpoint.address & 0x80) !== 0)?.address;
    const outEndpoint = bulk.find((endpoint) => (endpoint.address & 0x80) === 0)?.address;
    if (inEndpoint !== undefined && outEndpoint !== undefined)
      return { number: one.number, inEndpoint, outEndpoint };
  }
  throw new AgentError("unsupported", `${device.port}: no bulk-only interface`);
}

/**
 * USB Mass Storage Bulk-Only Transport 1.0 towards one device. One command at a time: who calls waits for the
 * answer before the next. After every answer that breaks the rules the device is brought back in step by reset
 * recovery (§5.3.4), so that the next command may be tried.
 */
export class BulkOnlyTransport {
  readonly #link: UsbLink;
  readonly #at: BulkOnlyInterface;
  readonly #clock: Clock;
  #tag = 0;

  constructor(link: UsbLink, at: BulkOnlyInterface, clock: Clock) {
    this.#link = link;
    this.#at = at;
    this.#clock = clock;
  }

  /**
   * Runs one command. The data is what the device says that it sent, never more than was asked for.
   * Throws `recorder-gone`, `recorder-silent`, `recorder-answer`.
   */
  async run(command: TransportCommand): Promise<TransportAnswer> {
    const endUs = this.#clock.monoUs() + command.timeoutMs * 1000;
    const leftMs = (): number => {
      const ms = Math.ceil((endUs - this.#clock.monoUs()) / 1000);
      if (ms <= 0) throw new AgentError("usb-timeout", `${command.timeoutMs} ms`);
      return ms;
    };
    try {
      return await this.#phases(command, leftMs);
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      if (error.code !== "usb-gone") await this.#recover();
      throw inDriverWords(error, command.name);
    }
  }

  async #phases(
    { command, data, onTaken }: TransportCommand,
    leftMs: () => number,
  ): Promise<TransportAnswer> {
    this.#tag = this.#tag === MAX_TAG ? 1 : this.#tag + 1;
    const asked = data.direction === "none" ? 0 : lengthOf(data.bytes);
    const direction: DataDirection = data.direction === "in" ? "in" : "out";
    const wrapper = commandWrapper({ tag: this.#tag, dataBytes: asked, direction, command });
    await this.#link.bulkOut(this.#at.outEndpoint, wrapper, leftMs());
    onTaken?.();

    let received: Uint8Array = new Uint8Array(0);
    if (data.direction === "in") received = await this.#readData(data.bytes, leftMs);
    if (data.direction === "out") await this.#writeData(data.bytes, leftMs);

    let status = data.direction === "in" ? this.#statusInPlaceOfData(received, data.bytes) : null;
    if (status !== null) received = new Uint8Array(0);
    status ??= await this.#readStatus(asked, leftMs);
    if (status.status === "phase-error") throw new AgentError("recorder-answer", "phase error");
    if (status.status === "failed") return { passed: false };
    if (data.direction === "out" && status.residue !== 0)
      throw new AgentError("recorder-answer", `took ${asked - status.residue} of ${asked} bytes`);
    const processed = asked - status.residue;
    // it may fill up what it sends (§6.7.2), but it cannot have processed what never came
    if (data.direction === "in" && processed > received.length)
      throw new AgentError("recorder-answer", `residue ${status.residue} after ${received.length} bytes`);
    return { passed: true, data: received.subarray(0, processed) };
  }

  async #readData(bytes: number, leftMs: () => number): Promise<Uint8Array> {
    try {
      const received = await this.#link.bulkIn(this.#at.inEndpoint, bytes, leftMs());
      if (received.length > bytes) throw new AgentError("usb-overflow", `${received.length} bytes`);
      return received;
    } catch (error) {
      await this.#unstall(error, this.#at.inEndpoint);
      return new Uint8Array(0);
    }
  }

  async #writeData(bytes: Uint8Array, leftMs: () => number): Promise<void> {
    try {
      await this.#link.bulkOut(this.#at.outEndpoint, bytes, leftMs());
    } catch (error) {
      await this.#unstall(error, this.#at.outEndpoint);
    }
  }

  /** Devices with nothing to send leave out the data phase, against §6.7.2: the status comes in its place. */
  #statusInPlaceOfData(received: Uint8Array, asked: number): StatusWrapper | null {
    if (received.length !== CSW_BYTES || asked <= CSW_BYTES) return null;
    try {
      const status = parseStatusWrapper(received, this.#tag, asked);
      return status.residue === asked || status.status === "failed" ? status : null;
    } catch {
      return null;
    }
  }

  async #readStatus(asked: number, leftMs: () => number): Promise<StatusWrapper> {
    let received: Uint8Array = new Uint8Array(0);
    for (let reads = 0; reads < STATUS_READS && received.length === 0; reads++) {
      try {
        received = await this.#link.bulkIn(this.#at.inEndpoint, CSW_BYTES, leftMs());
      } catch (error) {
        await this.#unstall(error, this.#at.inEndpoint);
      }
    }
    return parseStatusWrapper(received, this.#tag, asked);
  }

  /** A stall ends a phase and is cleared (§6.7); any other error is thrown on. */
  async #unstall(error: unknown, endpoint: number): Promise<void> {
    if (errorCode(error) !== "usb-stall") throw error;
    await this.#link.clearHalt(endpoint);
  }

  /** Reset recovery, §5.3.4; where the class reset fails, the device itself is reset. Never throws. */
  async #recover(): Promise<void> {
    const { number, inEndpoint, outEndpoint } = this.#at;
    const reset = { requestType: 0x21, request: 0xff, value: 0, index: number };
    try {
      await this.#link.controlOut(reset, new Uint8Array(0), RECOVERY_TIMEOUT_MS);
      await this.#link.clearHalt(inEndpoint);
      await this.#link.clearHalt(outEndpoint);
    } catch (error) {
      // the next command tells whether it helped
      if (errorCode(error) !== "usb-gone") await this.#link.reset().catch(() => {});
    }
  }
}

function lengthOf(bytes: number | Uint8Array): number {
  return typeof bytes === "number" ? bytes : bytes.length;
}

/** What a link says, in the words of `RecorderDriver`. */
function inDriverWords(error: AgentError, name: string): AgentError {
  const place = `${name}: ${error.place}`;
  switch (error.code) {
    case "usb-gone":
      return new AgentError("recorder-gone", place, { cause: error });
    case "usb-timeout":
      return new AgentError("recorder-silent", place, { cause: error });
  }
  return new AgentError("recorder-answer", place, { cause: error });
}

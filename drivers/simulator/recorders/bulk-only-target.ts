import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { ControlSetup, UsbInterface, UsbLink } from "../../usb/usb-link.ts";

/** What goes wrong, until another is set, or null. Data and status as the host would see them. */
export type BulkOnlyFault =
  | { kind: "silence" }
  | { kind: "stall"; phase: "command" | "data" | "status" }
  | { kind: "wrong-tag" }
  | { kind: "wrong-signature" }
  | { kind: "phase-error" }
  | { kind: "data-length"; bytes: number }
  | { kind: "residue"; bytes: number }
  /** Pulled out when so many more bytes have crossed. */
  | { kind: "unplug"; atByte: number }
  | { kind: "tamper"; change: (bytes: Uint8Array) => Uint8Array };

/** What a command block answers; `failed`: its status says so. */
export interface ScsiAnswer {
  answer: Uint8Array;
  failed: boolean;
}

/** What lies behind the transport. */
export interface BulkOnlyUnit {
  execute(command: Uint8Array, data: Uint8Array): ScsiAnswer;
  /** A control request; null: it stalls. Absent: the device answers none. */
  control?(setup: ControlSetup): Uint8Array | null;
}

const IN_ENDPOINT = 0x81;
const OUT_ENDPOINT = 0x02;
const COMMAND_WRAPPER = { signature: 0x43425355, bytes: 31 };
const STATUS_WRAPPER = { signature: 0x53425355, bytes: 13 };
/** Bulk-Only Mass Storage Reset, Mass Storage Bulk-Only 1.0 §3.1. */
const RESET = { requestType: 0x21, request: 0xff };
const NOTHING = new Uint8Array(0);

/** The interface that a bulk-only target stands behind. */
export function bulkOnlyTargetInterface(packetBytes: number): UsbInterface {
  return {
    number: 0,
    class: 0x08,
    subclass: 0x06,
    protocol: 0x50,
    endpoints: [
      { address: IN_ENDPOINT, type: "bulk", packetBytes },
      { address: OUT_ENDPOINT, type: "bulk", packetBytes },
    ],
  };
}

/** The device's side of bulk-only transport (Mass Storage Bulk-Only 1.0), with faults on demand. */
export class BulkOnlyTarget {
  fault: BulkOnlyFault | null = null;
  readonly #unit: BulkOnlyUnit;
  readonly #clock: Clock;
  #gone = new AbortController();
  #crossed = 0;

  constructor(unit: BulkOnlyUnit, clock: Clock) {
    this.#unit = unit;
    this.#clock = clock;
  }

  unplug(): void {
    this.#gone.abort(new AgentError("usb-gone", "simulated recorder"));
  }

  /** Links of before stay lost. */
  plugIn(): void {
    this.#gone = new AbortController();
    this.#crossed = 0;
  }

  open(): UsbLink {
    return new TargetLink(this, this.#unit, this.#clock, this.#gone.signal);
  }

  /** So many bytes go over the cable, or the last of them pulls it. */
  cross(bytes: number): void {
    this.#crossed += bytes;
    if (this.fault?.kind === "unplug" && this.#crossed > this.fault.atByte) this.unplug();
  }
}

class TargetLink implements UsbLink {
  readonly #target: BulkOnlyTarget;
  readonly #unit: BulkOnlyUnit;
  readonly #clock: Clock;
  readonly #gone: AbortSignal;
  readonly #closed = new AbortController();
  readonly #halted = new Set<number>();
  #queue: Uint8Array[] = [];
  /** The command that waits for its data. */
  #writing: Buffer | null = null;
  #status: Buffer | null = null;

  constructor(target: BulkOnlyTarget, unit: BulkOnlyUnit, clock: Clock, gone: AbortSignal) {
    this.#target = target;
    this.#unit = unit;
    this.#clock = clock;
    this.#gone = gone;
  }

  async controlIn(setup: ControlSetup, length: number, timeoutMs: number): Promise<Uint8Array> {
    this.#present();
    if (this.#unit.control === undefined || this.#isSilent()) return await this.#silent(timeoutMs);
    const answer = this.#unit.control(setup);
    if (answer === null) throw new AgentError("usb-stall", "endpoint 0");
    return answer.subarray(0, length);
  }

  async controlOut({ requestType, request }: ControlSetup): Promise<void> {
    this.#present();
    if (requestType !== RESET.requestType || request !== RESET.request)
      throw new AgentError("usb-stall", "endpoint 0");
    this.#forget();
  }

  async bulkOut(endpoint: number, bytes: Uint8Array, timeoutMs: number): Promise<void> {
    this.#present();
    if (this.#isSilent()) return await this.#silent(timeoutMs);
    if (this.#halted.has(endpoint)) this.#halt(endpoint);
    this.#cross(bytes.length);
    const awaiting = this.#writing;
    if (awaiting !== null) {
      this.#writing = null;
      this.#finish(awaiting, bytes);
      return;
    }
    const { fault } = this.#target;
    if (fault?.kind === "stall" && fault.phase === "command") this.#halt(endpoint);
    const wrapper = Buffer.from(bytes);
    if (wrapper.length !== COMMAND_WRAPPER.bytes || wrapper.readUInt32LE(0) !== COMMAND_WRAPPER.signature) {
      // §6.6.1: nothing is read either until the reset
      this.#halted.add(IN_ENDPOINT);
      this.#halt(endpoint);
    }
    if (wrapper.readUInt32LE(8) > 0 && !isTowardsHost(wrapper)) this.#writing = wrapper;
    else this.#finish(wrapper, NOTHING);
  }

  async bulkIn(endpoint: number, length: number, timeoutMs: number): Promise<Uint8Array> {
    this.#present();
    if (this.#isSilent()) return await this.#silent(timeoutMs);
    if (this.#halted.has(endpoint)) this.#halt(endpoint);
    const next = this.#queue[0];
    if (next === undefined) return await this.#silent(timeoutMs);
    const { fault } = this.#target;
    const phase = next === this.#status ? "status" : "data";
    if (fault?.kind === "stall" && fault.phase === phase) {
      if (phase === "data") this.#queue.shift();
      this.#halt(endpoint);
    }
    this.#queue.shift();
    const sent = fault?.kind === "tamper" ? fault.change(next) : next;
    this.#cross(sent.length);
    if (sent.length > length) throw new AgentError("usb-overflow", `${sent.length} bytes`);
    return sent;
  }

  async clearHalt(endpoint: number): Promise<void> {
    this.#present();
    this.#halted.delete(endpoint);
  }

  async reset(): Promise<void> {
    this.#present();
    this.#halted.clear();
    this.#forget();
  }

  async close(): Promise<void> {
    this.#closed.abort(new AgentError("usb-gone", "the link is closed"));
  }

  #finish(wrapper: Buffer, data: Uint8Array): void {
    const { answer, failed } = this.#unit.execute(wrapper.subarray(15), data);
    const { fault } = this.#target;
    const asked = wrapper.readUInt32LE(8);
    const answers = asked > 0 && isTowardsHost(wrapper);
    let sent = answer.subarray(0, asked);
    if (fault?.kind === "data-length" && answers) sent = Buffer.alloc(fault.bytes, sent);
    const residue = answers ? Math.max(0, asked - sent.length) : 0;
    const tag = wrapper.readUInt32LE(4) + (fault?.kind === "wrong-tag" ? 1 : 0);
    const status = Buffer.alloc(STATUS_WRAPPER.bytes);
    status.writeUInt32LE(fault?.kind === "wrong-signature" ? 0 : STATUS_WRAPPER.signature, 0);
    status.writeUInt32LE(tag >>> 0, 4);
    status.writeUInt32LE(fault?.kind === "residue" ? fault.bytes : residue, 8);
    status.writeUInt8(fault?.kind === "phase-error" ? 2 : failed ? 1 : 0, 12);
    this.#status = status;
    this.#queue = answers ? [sent, status] : [status];
  }

  #isSilent(): boolean {
    return this.#target.fault?.kind === "silence";
  }

  #present(): void {
    this.#closed.signal.throwIfAborted();
    this.#gone.throwIfAborted();
  }

  async #silent(timeoutMs: number): Promise<never> {
    const until = AbortSignal.any([this.#gone, this.#closed.signal]);
    await this.#clock.sleep(timeoutMs, until).catch(() => {});
    this.#present();
    throw new AgentError("usb-timeout", `${timeoutMs} ms`);
  }

  #cross(bytes: number): void {
    this.#target.cross(bytes);
    this.#present();
  }

  #halt(endpoint: number): never {
    this.#halted.add(endpoint);
    throw new AgentError("usb-stall", `endpoint ${endpoint}`);
  }

  #forget(): void {
    this.#queue = [];
    this.#writing = null;
  }
}

function isTowardsHost(wrapper: Buffer): boolean {
  return (wrapper.readUInt8(12) & 0x80) !== 0;
}

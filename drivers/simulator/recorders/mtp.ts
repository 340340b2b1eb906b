import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import {
  CONTAINER,
  decodeHeader,
  decodeParameters,
  HEADER_BYTES,
} from "../../recorders/mtp/protocol/container.ts";
import type { ControlSetup, UsbDevice, UsbLink } from "../../usb/usb-link.ts";
import type { VirtualDevice } from "../virtual-device.ts";
import { GOOD_MTP, type MtpBehaviour } from "./mtp/behaviour.ts";
import type { SimulatedCard } from "./mtp/card.ts";
import { containersOf, type Outgoing, sendable } from "./mtp/outgoing.ts";
import { Responder, type SimulatedRecorder, takesData } from "./mtp/responder.ts";

const PACKET_BYTES = 512;
const STATUS_OK = [4, 0, 0x01, 0x20];

export interface SimulatedMtpOptions {
  card: SimulatedCard;
  clock: Clock;
  serial?: string;
  model?: string;
  batteryPercent?: number;
  /** What the recorder's clock shows; default: the truth. */
  clockMs?: number;
  behaviour?: Partial<MtpBehaviour>;
}

/** A recorder that speaks MTP, as a program. */
export class SimulatedMtp implements VirtualDevice {
  readonly recorder: SimulatedRecorder;
  readonly descriptors: Omit<UsbDevice, "port" | "insertion">;
  readonly #clock: Clock;
  #link: MtpLink | null = null;
  #unplugAfterBytes = Number.POSITIVE_INFINITY;
  #stallAfterBytes = Number.POSITIVE_INFINITY;
  #plugged = true;
  #hangs = false;

  constructor({ card, clock, behaviour = {}, ...options }: SimulatedMtpOptions) {
    const { serial = "FT00000001", model = "Simulated recorder" } = options;
    const { batteryPercent = 80, clockMs = clock.utcMs() } = options;
    this.recorder = {
      card,
      serial,
      model,
      batteryPercent,
      clockMs,
      behaviour: { ...GOOD_MTP, ...behaviour },
    };
    this.#clock = clock;
    const endpoint = (address: number, type: "bulk" | "interrupt", packetBytes: number) => ({
      address,
      type,
      packetBytes,
    });
    const endpoints = [
      endpoint(0x81, "bulk", PACKET_BYTES),
      endpoint(0x02, "bulk", PACKET_BYTES),
      endpoint(0x83, "interrupt", 28),
    ];
    this.descriptors = {
      vendorId: 0x1d6b,
      productId: 0x0100,
      deviceClass: 0,
      manufacturer: "fulltrace",
      product: model,
      serial,
      interfaces: [{ number: 0, class: 6, subclass: 1, protocol: 1, endpoints }],
    };
  }

  get plugged(): boolean {
    return this.#plugged;
  }

  get hanging(): boolean {
    return this.#hangs;
  }

  open(): UsbLink {
    if (!this.#plugged) throw new AgentError("usb-gone", "simulated MTP");
    this.#link = new MtpLink(this, new Responder(this.recorder), this.#clock);
    return this.#link;
  }

  /** Answers nothing any more, its cable still in. */
  hang(): void {
    this.#hangs = true;
  }

  unplug(): void {
    this.#plugged = false;
    this.#link?.wake();
  }

  plug(): void {
    this.#plugged = true;
    this.#hangs = false;
    this.#unplugAfterBytes = Number.POSITIVE_INFINITY;
    this.#stallAfterBytes = Number.POSITIVE_INFINITY;
  }

  /** Pulls itself out when `bytes` more bytes of files have gone out. */
  unplugAfter(bytes: number): void {
    this.#unplugAfterBytes = bytes;
  }

  /** Halts its endpoint when `bytes` more bytes of files have gone out. */
  stallAfter(bytes: number): void {
    this.#stallAfterBytes = bytes;
  }

  /** What happens to `bytes` of a file that are about to go out. */
  sending(bytes: number): "good" | "unplugged" | "stalled" {
    this.#unplugAfterBytes -= bytes;
    this.#stallAfterBytes -= bytes;
    if (this.#unplugAfterBytes < 0) {
      this.unplug();
      return "unplugged";
    }
    if (this.#stallAfterBytes < 0) {
      this.#stallAfterBytes = Number.POSITIVE_INFINITY;
      return "stalled";
    }
    return "good";
  }
}

class MtpLink implements UsbLink {
  readonly #device: SimulatedMtp;
  readonly #responder: Responder;
  readonly #clock: Clock;
  #outgoing: Outgoing[] = [];
  #emptyPacketDue = false;
  #command: { code: number; transaction: number; parameters: number[] } | null = null;
  readonly #wakers: (() => void)[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(device: SimulatedMtp, responder: Responder, clock: Clock) {
    this.#device = device;
    this.#responder = responder;
    this.#clock = clock;
  }

  async controlIn(_setup: ControlSetup, length: number, timeoutMs: number): Promise<Uint8Array> {
    await this.#alive(timeoutMs);
    if (this.#device.recorder.behaviour.noClassRequests) throw new AgentError("usb-stall", "endpoint 0");
    return Uint8Array.from(STATUS_OK).subarray(0, length);
  }

  async controlOut(setup: ControlSetup, _bytes: Uint8Array, timeoutMs: number): Promise<void> {
    await this.#alive(timeoutMs);
    if (this.#device.recorder.behaviour.noClassRequests) throw new AgentError("usb-stall", "endpoint 0");
    if (setup.request === 0x64) this.#forget();
  }

  bulkIn(_endpoint: number, length: number, timeoutMs: number): Promise<Uint8Array> {
    const served = this.#turn.then(() => this.#serve(length, timeoutMs));
    this.#turn = served.catch(() => {});
    return served;
  }

  async bulkOut(_endpoint: number, bytes: Uint8Array, timeoutMs: number): Promise<void> {
    await this.#alive(timeoutMs);
    const header = decodeHeader(bytes);
    if (header === null) return;
    const { code, transaction } = header;
    if (header.type === CONTAINER.command) {
      const parameters = decodeParameters(bytes, header.length) ?? [];
      this.#command = { code, transaction, parameters };
      if (!takesData(code)) this.#run(new Uint8Array());
    } else if (header.type === CONTAINER.data) {
      this.#run(bytes.subarray(HEADER_BYTES));
    }
    this.wake();
  }

  async clearHalt(): Promise<void> {}

  async reset(): Promise<void> {
    await this.#alive(0);
    this.#forget();
    // the session does not outlive a reset
    this.#responder.answer(0x1003, [], new Uint8Array());
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.wake();
  }

  wake(): void {
    for (const waker of this.#wakers.splice(0)) waker();
  }

  #forget(): void {
    this.#outgoing = [];
    this.#emptyPacketDue = false;
    this.#command = null;
  }

  #run(data: Uint8Array): void {
    if (this.#command === null) return;
    const { code, transaction, parameters } = this.#command;
    this.#command = null;
    const reply = this.#responder.answer(code, parameters, data);
    this.#outgoing.push(...containersOf(reply, code, transaction, this.#device.recorder.behaviour));
  }

  async #serve(length: number, timeoutMs: number): Promise<Uint8Array> {
    const { behaviour } = this.#device.recorder;
    if (behaviour.slowMs > 0) await this.#clock.sleep(behaviour.slowMs);
    await this.#alive(timeoutMs, () => this.#outgoing.length > 0 || this.#emptyPacketDue);
    if (this.#emptyPacketDue) {
      this.#emptyPacketDue = false;
      return new Uint8Array();
    }
    const parts: Uint8Array[] = [];
    let room = length;
    for (let ended = false; room > 0 && !ended; ) {
      const container = this.#outgoing[0];
      if (container === undefined) break;
      const alone = container.splitHeader && container.sent === 0;
      const bytes = sendable(container, alone ? Math.min(HEADER_BYTES, room) : room);
      this.#obstruct(container, bytes.length);
      container.sent += bytes.length;
      room -= bytes.length;
      parts.push(bytes);
      const whole = container.sent >= container.bytes;
      if (whole) this.#outgoing.shift();
      ended = alone || (whole && (bytes.length % PACKET_BYTES !== 0 || !behaviour.noEmptyPacket));
      if (ended && room === 0 && !alone && !behaviour.noEmptyPacket) this.#emptyPacketDue = true;
    }
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
  }

  /** Faults that happen at a byte of a file. */
  #obstruct(container: Outgoing, bytes: number): void {
    if (container.content === null) return;
    const outcome = this.#device.sending(bytes);
    if (outcome === "unplugged") throw new AgentError("usb-gone", "simulated MTP");
    if (outcome === "stalled") {
      this.#forget();
      throw new AgentError("usb-stall", "simulated MTP");
    }
  }

  /** Resolves when `ready`; throws as the bus does if the device is gone or silent. */
  async #alive(timeoutMs: number, ready: () => boolean = () => true): Promise<void> {
    let late = false;
    const waiting = new AbortController();
    try {
      for (;;) {
        if (!this.#device.plugged || this.#closed) throw new AgentError("usb-gone", "simulated MTP");
        if (late) throw new AgentError("usb-timeout", "simulated MTP");
        if (!this.#device.hanging && ready()) return;
        const changed = new Promise<void>((resolve) => this.#wakers.push(resolve));
        const passed = this.#clock.sleep(timeoutMs, waiting.signal).then(
          () => {
            late = true;
          },
          () => {},
        );
        await Promise.race([changed, passed]);
      }
    } finally {
      waiting.abort();
    }
  }
}

import type { Clock } from "../../../config/base/clock.ts";
import type { UsbLink } from "../../usb/usb-link.ts";
import type { VirtualDevice } from "../virtual-device.ts";
import {
  type BulkOnlyFault,
  BulkOnlyTarget,
  bulkOnlyTargetInterface,
  type ScsiAnswer,
} from "./bulk-only-target.ts";

/** What goes wrong, until `fault` is set to another or to null. */
export type JieliFault =
  | BulkOnlyFault
  /** The transport says passed (the BOOL is true), and the last status is this. */
  | { kind: "result"; status: number };

/** What a host has made of it. */
export interface JieliEvents {
  /** It is told to become a disk, and has dropped off the bus. */
  onSwitch(): void;
  onClockSet(utcMs: number): void;
  /** The 89 bytes of its wearer were written. */
  onInfo(): void;
}

const PACKET_BYTES = 64;
const INFO_BYTES = 89;
const SERIAL_LETTERS = 7;

/** A recorder with a JieLi chip at the level of bulk-only transport, before it is switched to disk. */
export class JieliRecorder implements VirtualDevice {
  readonly descriptors: VirtualDevice["descriptors"] = {
    vendorId: 0x4c4a,
    productId: 0x4155,
    deviceClass: 0,
    product: "USB DISK",
    interfaces: [bulkOnlyTargetInterface(PACKET_BYTES)],
  };
  idCode = "DV16A1";
  batteryPercent = 80;
  cardIn = true;
  /** How far the recorder's clock is off. */
  clockErrorMs = 0;
  utcOffsetMin = 480;
  password = "000000";
  /** How often each opcode came; vendor commands as 0x100 + command. */
  readonly commands = new Map<number, number>();
  readonly info = Buffer.alloc(INFO_BYTES);
  readonly #clock: Clock;
  readonly #events: Partial<JieliEvents>;
  readonly #target: BulkOnlyTarget;
  #lastStatus = 0;

  constructor(clock: Clock, events: Partial<JieliEvents> = {}) {
    this.#clock = clock;
    this.#events = events;
    this.#target = new BulkOnlyTarget({ execute: (command, data) => this.#execute(command, data) }, clock);
    this.setSerial("A000001");
  }

  set fault(fault: JieliFault | null) {
    const isResult = fault?.kind === "result";
    this.#lastStatus = isResult ? fault.status : 0;
    this.#target.fault = isResult ? null : fault;
  }

  /** At most 7 letters; what follows is cut off. */
  setSerial(serial: string): void {
    this.info.fill(0, 0, SERIAL_LETTERS);
    this.info.write(serial, 0, SERIAL_LETTERS, "latin1");
  }

  clockMs(): number {
    return this.#clock.utcMs() + this.clockErrorMs;
  }

  unplug(): void {
    this.#target.unplug();
  }

  plugIn(): void {
    this.#target.plugIn();
  }

  open(_interfaceNumber: number): UsbLink {
    return this.#target.open();
  }

  #execute(command: Uint8Array, data: Uint8Array): ScsiAnswer {
    const opcode = command[0] ?? 0;
    const vendor = opcode === 0xfd || opcode === 0xfb;
    const code = vendor ? 0x100 + (command[5] ?? 0) : opcode;
    this.commands.set(code, (this.commands.get(code) ?? 0) + 1);
    const done = (answer: Uint8Array = new Uint8Array(0)) => ({ answer, failed: false });
    switch (code) {
      case 0x00:
      case 0x101:
        return done();
      case 0x03:
        return done(Buffer.from("700005000000000a00000000200000000000", "hex"));
      case 0x12:
        return done(Buffer.from(`\0\x80\0\x02\x1f\0\0\0DV16    DEVICE V1.00    1.00`, "latin1"));
      case 0x102:
        return done(Buffer.concat([Buffer.from(this.idCode, "latin1"), Buffer.alloc(8)], 8));
      case 0x103:
        return done(Buffer.from(this.info));
      case 0x104:
        if (this.#lastStatus !== 0) return done();
        this.info.set(data.subarray(0, INFO_BYTES));
        this.#events.onInfo?.();
        return done();
      case 0x105:
        if (this.#lastStatus === 0) this.#setClock(Buffer.from(data));
        return done();
      case 0x106:
        this.unplug();
        this.#events.onSwitch?.();
        return done();
      case 0x107:
        return done(Buffer.from("8007000038040000", "hex"));
      case 0x108:
        return done(Uint8Array.of(this.batteryPercent, 0, 0, 0));
      case 0x10c:
        return done(Uint8Array.of(this.cardIn ? 1 : 0, 0, 0, 0));
      case 0x10d:
        return done(Buffer.concat([Buffer.from(this.password), Buffer.alloc(16)], 16));
      case 0x10e:
        return done(Uint8Array.of(this.#lastStatus, 0, 0, 0));
    }
    return { answer: new Uint8Array(0), failed: true };
  }

  #setClock(time: Buffer): void {
    if (time.length !== 7) return;
    const [month = 1, day = 1, hour = 0, minute = 0, second = 0] = time.subarray(2);
    const localMs = Date.UTC(time.readUInt16LE(0), month - 1, day, hour, minute, second);
    this.clockErrorMs = localMs - this.utcOffsetMin * 60_000 - this.#clock.utcMs();
    this.#events.onClockSet?.(this.clockMs());
  }
}

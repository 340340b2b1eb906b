import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { UsbLink } from "../../usb/usb-link.ts";
import type { VirtualDevice } from "../virtual-device.ts";

/** What goes wrong, until `fault` is set to another or to null. Data and status as the host would see them. */
export type JieliFault =
  | { kind: "silence" }
  | { kind: "stall"; phase: "command" | "data" | "status" }
  | { kind: "wrong-tag" }
  | { kind: "wrong-signature" }
  | { kind: "phase-error" }
  | { kind: "data-length"; bytes: number }
  | { kind: "residue"; bytes: number }
  /** The transport says passed (the BOOL is true), and the last status is this. */
  | { kind: "result"; status: number }
  /** Pulled out when so many more bytes have crossed. */
  | { kind: "unplug"; atByte: number }
  | { kind: "tamper"; change: (bytes: Uint8Array) => Uint8Array };

const IN_ENDPOINT = 0x81;
const OUT_ENDPOINT = 0x02;
const INFO_BYTES = 89;

/** A recorder with a JieLi chip at the level of bulk-only transport, before it is switched to disk. */
export class JieliRecorder implements VirtualDevice {
  readonly descriptors: VirtualDevice["descriptors"] = {
    vendorId: 0x4c4a,
    productId: 0x4155,
    deviceClass: 0,
    product: "USB DISK",
    interfaces: [
      {
        number: 0,
        class: 0x08,
        subclass: 0x06,
        protocol: 0x50,
        endpoints: [
          { address: IN_ENDPOINT, type: "bulk", packetBytes: 64 },
          { address: OUT_ENDPOINT, type: "bulk", packetBytes: 64 },
        ],
      },
    ],
  };
  fault: JieliFault | null = null;
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
  readonly #onSwitch: () => void;
  #gone = new AbortController();
  #crossed = 0;

  constructor(clock: Clock, onSwitch: () => void = () => {}) {
    this.#clock = clock;
    this.#onSwitch = onSwitch;
    this.info.write("A000001", 0, "latin1");
  }

  clockMs(): number {
    return this.#clock.utcMs() + this.clockErrorMs;
  }

  unplug(): void {
    this.#gone.abort(new AgentError("usb-gone", "simulated recorder"));
  }

  plugIn(): void {
    this.#gone = new AbortController();
    this.#crossed = 0;
  }

  open(_interfaceNumber: number): UsbLink {
    const gone = this.#gone.signal;
    const closed = new AbortController();
    let queue: Uint8Array[] = [];
    let writing: Buffer | null = null;
    let status: Buffer | null = null;
    const halted = new Set<number>();
    const present = (): void => {
      if (closed.signal.aborted) throw closed.signal.reason;
      gone.throwIfAborted();
    };
    const silent = async (timeoutMs: number): Promise<never> => {
      await this.#clock.sleep(timeoutMs, gone).catch(() => {});
      present();
      throw new AgentError("usb-timeout", `${timeoutMs} ms`);
    };
    const cross = (bytes: number): void => {
      this.#crossed += bytes;
      if (this.fault?.kind === "unplug" && this.#crossed > this.fault.atByte) this.unplug();
      present();
    };
    const halt = (endpoint: number): never => {
      halted.add(endpoint);
      throw new AgentError("usb-stall", `endpoint ${endpoint}`);
    };
    const finish = (wrapper: Buffer, data: Uint8Array): void => {
      const { answer, failed } = this.#execute(wrapper, data);
      const asked = wrapper.readUInt32LE(8);
      const towardsHost = (wrapper.readUInt8(12) & 0x80) !== 0 && asked > 0;
      const { fault } = this;
      let sent = answer.subarray(0, asked);
      if (fault?.kind === "data-length" && towardsHost) sent = Buffer.alloc(fault.bytes, sent);
      status = Buffer.alloc(13);
      status.writeUInt32LE(fault?.kind === "wrong-signature" ? 0 : 0x53425355, 0);
      status.writeUInt32LE((wrapper.readUInt32LE(4) + (fault?.kind === "wrong-tag" ? 1 : 0)) >>> 0, 4);
      const residue = towardsHost ? Math.max(0, asked - sent.length) : 0;
      status.writeUInt32LE(fault?.kind === "residue" ? fault.bytes : residue, 8);
      status.writeUInt8(fault?.kind === "phase-error" ? 2 : failed ? 1 : 0, 12);
      queue = towardsHost ? [sent, status] : [status];
    };
    return {
      controlIn: (_setup, _length, timeoutMs) => silent(timeoutMs),
      controlOut: async () => {
        present();
        queue = [];
        writing = null;
      },
      bulkOut: async (endpoint, bytes, timeoutMs) => {
        present();
        if (this.fault?.kind === "silence") return silent(timeoutMs);
        if (halted.has(endpoint)) halt(endpoint);
        cross(bytes.length);
        if (writing !== null) {
          const wrapper: Buffer = writing;
          writing = null;
          finish(wrapper, bytes);
          return;
        }
        const wrapper = Buffer.from(bytes);
        if (this.fault?.kind === "stall" && this.fault.phase === "command") halt(endpoint);
        if (wrapper.length !== 31 || wrapper.readUInt32LE(0) !== 0x43425355) halt(endpoint);
        if (wrapper.readUInt32LE(8) > 0 && (wrapper.readUInt8(12) & 0x80) === 0) writing = wrapper;
        else finish(wrapper, new Uint8Array(0));
      },
      bulkIn: async (endpoint, length, timeoutMs) => {
        present();
        if (this.fault?.kind === "silence") return silent(timeoutMs);
        if (halted.has(endpoint)) halt(endpoint);
        const next = queue[0];
        if (next === undefined) return silent(timeoutMs);
        const phase = next === status ? "status" : "data";
        if (this.fault?.kind === "stall" && this.fault.phase === phase) {
          if (phase === "data") queue.shift();
          halt(endpoint);
        }
        queue.shift();
        const sent = this.fault?.kind === "tamper" ? this.fault.change(next) : next;
        cross(sent.length);
        if (sent.length > length) throw new AgentError("usb-overflow", `${sent.length} bytes`);
        return sent;
      },
      clearHalt: async (endpoint) => {
        present();
        halted.delete(endpoint);
      },
      reset: async () => {
        present();
        halted.clear();
        queue = [];
        writing = null;
      },
      close: async () => closed.abort(new AgentError("usb-gone", "the link is closed")),
    };
  }

  #execute(wrapper: Buffer, data: Uint8Array): { answer: Uint8Array; failed: boolean } {
    const command = wrapper.subarray(15, 31);
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
        if (this.#status() === 0) this.info.set(data.subarray(0, INFO_BYTES));
        return done();
      case 0x105:
        if (this.#status() === 0) this.#setClock(Buffer.from(data));
        return done();
      case 0x106:
        this.unplug();
        this.#onSwitch();
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
        return done(Uint8Array.of(this.#status(), 0, 0, 0));
    }
    return { answer: new Uint8Array(0), failed: true };
  }

  #status(): number {
    return this.fault?.kind === "result" ? this.fault.status : 0;
  }

  #setClock(time: Buffer): void {
    if (time.length !== 7) return;
    const [month = 1, day = 1, hour = 0, minute = 0, second = 0] = time.subarray(2);
    const localMs = Date.UTC(time.readUInt16LE(0), month - 1, day, hour, minute, second);
    this.clockErrorMs = localMs - this.utcOffsetMin * 60_000 - this.#clock.utcMs();
  }
}

import { connect, type Socket } from "node:net";
import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { VirtualDevice } from "../../simulator/virtual-device.ts";
import type { ControlSetup, UsbLink } from "../usb-link.ts";
import {
  descriptorsOf,
  errorOf,
  type Frame,
  FrameReader,
  frameBytes,
  KIND,
  MAX_TRANSFER_BYTES,
  NO_REQUEST,
  type Request,
  requestFields,
} from "./wire.ts";

const HELLO_TIMEOUT_MS = 2_000;
const OPEN_TIMEOUT_MS = 2_000;
/** The device measures the time limit; one that does not answer at all is given so much longer. */
const GRACE_MS = 200;
const RESET_TIMEOUT_MS = 5_000;
/** Where all cables' bytes arrive: they are taken before others can come. */
const RECEIVED = new Uint8Array(65_536);

/** A call that is not answered yet; its interface is -1 for the greeting. */
interface Waiting {
  interfaceNumber: number;
  settle: (frame: Frame | AgentError) => void;
}

/** The host's end of one cable. */
export class Cable {
  readonly #socket: Socket;
  readonly #port: string;
  readonly #clock: Clock;
  readonly #pending = new Map<number, Waiting>();
  readonly #claimed = new Set<number>();
  #lastCall = 0;
  #gone: AgentError | null = null;

  private constructor(socket: Socket, port: string, clock: Clock) {
    this.#socket = socket;
    this.#port = port;
    this.#clock = clock;
  }

  /**
   * Plugs in: connects and takes the descriptors. Throws `usb-gone` where nothing listens, `usb-timeout`,
   * `usb-wire`. `onGone` is called once when the cable is pulled, with why.
   */
  static async plug(
    path: string,
    port: string,
    clock: Clock,
    onGone: (reason: AgentError) => void,
  ): Promise<{ cable: Cable; descriptors: VirtualDevice["descriptors"] }> {
    const frames = new FrameReader((frame) => cable.#receive(frame));
    const take = (count: number, memory: Uint8Array): boolean => {
      try {
        frames.push(memory.subarray(0, count));
      } catch (error) {
        cable.#end(error as AgentError);
      }
      return true;
    };
    const socket = connect({ path, onread: { buffer: RECEIVED, callback: take } });
    const cable = new Cable(socket, port, clock);
    const hello = cable.#answer(0, -1, HELLO_TIMEOUT_MS);
    socket.on("error", (cause) => cable.#end(new AgentError("usb-gone", port, { cause })));
    socket.on("close", () => cable.#end(new AgentError("usb-gone", port)));
    try {
      const descriptors = descriptorsOf((await hello).body);
      socket.once("close", () => onGone(cable.#gone ?? new AgentError("usb-gone", port)));
      if (socket.destroyed) throw new AgentError("usb-gone", port);
      return { cable, descriptors };
    } catch (error) {
      cable.pull();
      throw error;
    }
  }

  pull(): void {
    this.#end(new AgentError("usb-gone", this.#port));
  }

  /** Claims an interface. Throws `usb-busy` if it is claimed already, `usb-gone`, or what the device says. */
  async open(interfaceNumber: number): Promise<UsbLink> {
    if (this.#claimed.has(interfaceNumber)) throw new AgentError("usb-busy", this.#port);
    this.#claimed.add(interfaceNumber);
    try {
      await this.ask(KIND.open, { ...NO_REQUEST, interfaceNumber, timeoutMs: OPEN_TIMEOUT_MS });
      return new VirtualLink(this, interfaceNumber);
    } catch (error) {
      this.#claimed.delete(interfaceNumber);
      throw error;
    }
  }

  async release(interfaceNumber: number): Promise<void> {
    for (const waiting of this.#pending.values())
      if (waiting.interfaceNumber === interfaceNumber)
        waiting.settle(new AgentError("usb-gone", `${this.#port}: the link is closed`));
    await this.ask(KIND.close, { ...NO_REQUEST, interfaceNumber, timeoutMs: OPEN_TIMEOUT_MS }).catch(
      () => {},
    );
    this.#claimed.delete(interfaceNumber);
  }

  async ask(kind: number, request: Request, bytes: Uint8Array = new Uint8Array(0)): Promise<Uint8Array> {
    if (this.#gone !== null) throw this.#goneAgain();
    if (request.length > MAX_TRANSFER_BYTES || bytes.length > MAX_TRANSFER_BYTES)
      throw new AgentError("usb-failed", `${this.#port}: more than ${MAX_TRANSFER_BYTES} bytes`);
    this.#lastCall = (this.#lastCall % 0xffff_ffff) + 1;
    const call = this.#lastCall;
    const answer = this.#answer(call, request.interfaceNumber, request.timeoutMs + GRACE_MS);
    this.#socket.write(frameBytes(kind, call, requestFields(request), bytes));
    const { kind: answered, body } = await answer;
    if (answered === KIND.error) throw errorOf(body);
    return body;
  }

  /** The frame that answers `call`. Rejects with `usb-timeout` or `usb-gone`. */
  async #answer(call: number, interfaceNumber: number, timeoutMs: number): Promise<Frame> {
    const settled = new AbortController();
    const frame = new Promise<Frame>((resolve, reject) => {
      const settle = (got: Frame | AgentError): void =>
        got instanceof AgentError ? reject(got) : resolve(got);
      this.#pending.set(call, { interfaceNumber, settle });
    });
    const late = this.#clock.sleep(timeoutMs, settled.signal).then(() => {
      throw new AgentError("usb-timeout", `${this.#port}: ${timeoutMs} ms`);
    });
    late.catch(() => {});
    try {
      return await Promise.race([frame, late]);
    } finally {
      this.#pending.delete(call);
      settled.abort();
    }
  }

  /** An answer that nobody waits for any more came too late, and is thrown away. */
  #receive(frame: Frame): void {
    this.#pending.get(frame.call)?.settle(frame);
  }

  #end(reason: AgentError): void {
    this.#socket.destroy();
    if (this.#gone !== null) return;
    this.#gone = reason;
    for (const { settle } of this.#pending.values()) settle(this.#goneAgain());
  }

  /** Whatever broke the cable: for who uses the link the device is gone. */
  #goneAgain(): AgentError {
    return new AgentError("usb-gone", this.#port, { cause: this.#gone });
  }
}

/** One claimed interface at the end of a cable. */
class VirtualLink implements UsbLink {
  readonly #cable: Cable;
  readonly #interfaceNumber: number;
  #closed = false;

  constructor(cable: Cable, interfaceNumber: number) {
    this.#cable = cable;
    this.#interfaceNumber = interfaceNumber;
  }

  async controlIn(setup: ControlSetup, length: number, timeoutMs: number): Promise<Uint8Array> {
    const bytes = await this.#ask(KIND.controlIn, { ...controlFields(setup), length, timeoutMs });
    return atMost(bytes, length);
  }

  async controlOut(setup: ControlSetup, bytes: Uint8Array, timeoutMs: number): Promise<void> {
    await this.#ask(KIND.controlOut, { ...controlFields(setup), timeoutMs }, bytes);
  }

  async bulkIn(endpoint: number, length: number, timeoutMs: number): Promise<Uint8Array> {
    return atMost(await this.#ask(KIND.bulkIn, { address: endpoint, length, timeoutMs }), length);
  }

  async bulkOut(endpoint: number, bytes: Uint8Array, timeoutMs: number, endShort = false): Promise<void> {
    await this.#ask(KIND.bulkOut, { address: endpoint, endShort, timeoutMs }, bytes);
  }

  async clearHalt(endpoint: number): Promise<void> {
    await this.#ask(KIND.clearHalt, { address: endpoint, timeoutMs: RESET_TIMEOUT_MS });
  }

  async reset(): Promise<void> {
    await this.#ask(KIND.reset, { timeoutMs: RESET_TIMEOUT_MS });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#cable.release(this.#interfaceNumber);
  }

  #ask(kind: number, fields: Partial<Request>, bytes?: Uint8Array): Promise<Uint8Array> {
    if (this.#closed) return Promise.reject(new AgentError("usb-gone", "the link is closed"));
    return this.#cable.ask(kind, { ...NO_REQUEST, ...fields, interfaceNumber: this.#interfaceNumber }, bytes);
  }
}

function controlFields({ requestType, request, value, index }: ControlSetup): Partial<Request> {
  return { address: requestType, request, value, index };
}

function atMost(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length > length) throw new AgentError("usb-overflow", `${bytes.length} of ${length} bytes`);
  return bytes;
}

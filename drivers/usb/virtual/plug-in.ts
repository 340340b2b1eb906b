import { once } from "node:events";
import { mkdir, rename, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../../config/base/clock.ts";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { VirtualDevice } from "../../simulator/virtual-device.ts";
import type { UsbLink } from "../usb-link.ts";
import { type UsbFault, UsbFaults } from "./faults.ts";
import { type Frame, FrameReader, frameBytes, KIND, readRequest, textOf } from "./wire.ts";

/** A Unix socket's name holds 107 bytes. */
const MAX_SOCKET_PATH_BYTES = 107;
/** More calls at once than any driver makes. */
const MAX_CALLS = 64;

/** A virtual device in its port. */
export interface Plugged {
  /** Pulls the cable: every pending transfer fails with `usb-gone`, and the port is free. */
  unplug(): Promise<void>;
  /** Makes something go wrong from now on. */
  fault(fault: UsbFault): void;
  /** Ends all faults. */
  heal(): void;
  /** Resolves when it is out of its port, whoever pulled it. */
  readonly unplugged: Promise<void>;
}

/**
 * Plugs `device` into port `port` (`1-1.4`) of the hub, a folder; `beforehand` is called right before it appears.
 * Throws `usb-folder`, `usb-port-taken`, or the system's error.
 */
export async function plugIn(
  hub: string,
  port: string,
  device: VirtualDevice,
  clock: Clock,
  beforehand: () => void = () => {},
): Promise<Plugged> {
  await mkdir(hub, { recursive: true });
  const path = join(hub, port);
  const early = join(hub, `.${port}`);
  if (Buffer.byteLength(early) > MAX_SOCKET_PATH_BYTES)
    throw new AgentError("usb-folder", hub, { next: "choose a folder with a shorter path" });
  if (await answers(path)) throw new AgentError("usb-port-taken", `${hub}: ${port}`);
  await rm(early, { force: true });
  const plugged = new PluggedDevice(device, path, clock);
  await plugged.listen(early);
  beforehand();
  // it appears when it answers: a bus never finds a socket that nobody listens at
  await rename(early, path);
  return plugged;
}

/** True if a device is plugged in there; a socket that a dead program left is none. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const told = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once("connect", () => told(true)).once("error", () => told(false));
  });
}

class PluggedDevice implements Plugged {
  readonly unplugged: Promise<void>;
  readonly #path: string;
  readonly #server: Server;
  readonly #faults: UsbFaults;
  readonly #cables = new Set<Socket>();
  /** The cable that has claimed an interface: one alone, as with the kernel's usbfs. */
  readonly #claims = new Map<number, CableEnd>();
  #tellUnplugged = (): void => {};
  #pulled: Promise<void> | null = null;

  constructor(device: VirtualDevice, path: string, clock: Clock) {
    this.#path = path;
    this.#faults = new UsbFaults(clock, () => void this.unplug());
    this.unplugged = new Promise((resolve) => {
      this.#tellUnplugged = resolve;
    });
    this.#server = createServer((socket) => {
      this.#cables.add(socket);
      socket.once("close", () => this.#cables.delete(socket));
      new CableEnd(socket, device, this.#faults, this.#claims).serve();
    });
  }

  /** Resolves when it answers at `path`. Throws the system's error. */
  async listen(path: string): Promise<void> {
    this.#server.listen(path);
    await once(this.#server, "listening");
  }

  unplug(): Promise<void> {
    this.#pulled ??= this.#pull();
    return this.#pulled;
  }

  fault(fault: UsbFault): void {
    this.#faults.set(fault);
  }

  heal(): void {
    this.#faults.clear();
  }

  async #pull(): Promise<void> {
    await rm(this.#path, { force: true });
    for (const cable of this.#cables) cable.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    this.#tellUnplugged();
  }
}

const NOTHING = new Uint8Array(0);

/** The device's end of one cable, and the interfaces that are open over it. */
class CableEnd {
  readonly #socket: Socket;
  readonly #device: VirtualDevice;
  readonly #faults: UsbFaults;
  readonly #claims: Map<number, CableEnd>;
  readonly #links = new Map<number, UsbLink>();
  #running = 0;

  constructor(socket: Socket, device: VirtualDevice, faults: UsbFaults, claims: Map<number, CableEnd>) {
    this.#socket = socket;
    this.#device = device;
    this.#faults = faults;
    this.#claims = claims;
  }

  /** Says hello and answers until the cable is pulled. */
  serve(): void {
    const socket = this.#socket;
    socket.on("error", () => {});
    socket.once("close", () => {
      for (const [number, link] of this.#links) void this.#letGo(number, link);
    });
    socket.write(frameBytes(KIND.hello, 0, textOf(this.#device.descriptors)));
    const frames = new FrameReader((frame) => this.#take(frame));
    socket.on("data", (piece: Buffer) => {
      try {
        frames.push(piece);
      } catch {
        socket.destroy();
      }
    });
  }

  #take(frame: Frame): void {
    if (++this.#running > MAX_CALLS) {
      this.#socket.destroy();
      return;
    }
    void this.#answer(frame).then((reply) => {
      this.#running--;
      if (!this.#socket.destroyed) this.#socket.write(reply);
    });
  }

  /** Never rejects. */
  async #answer(frame: Frame): Promise<Buffer> {
    try {
      return frameBytes(KIND.value, frame.call, await this.#perform(frame));
    } catch (error) {
      const place = error instanceof AgentError ? error.place : String(error);
      return frameBytes(
        KIND.error,
        frame.call,
        textOf({ code: errorCode(error), place: place.slice(0, 200) }),
      );
    }
  }

  async #perform({ kind, body }: Frame): Promise<Uint8Array> {
    const { request, bytes } = readRequest(body);
    const { interfaceNumber, address, length, timeoutMs } = request;
    if (kind === KIND.open) {
      await this.#claim(interfaceNumber);
      return NOTHING;
    }
    const link = this.#links.get(interfaceNumber);
    if (link === undefined) throw new AgentError("usb-failed", `interface ${interfaceNumber} is not open`);
    const { request: number, value, index } = request;
    const setup = { requestType: address, request: number, value, index };
    switch (kind) {
      case KIND.close:
        await this.#letGo(interfaceNumber, link);
        return NOTHING;
      case KIND.controlIn:
        return link.controlIn(setup, length, timeoutMs);
      case KIND.controlOut:
        await link.controlOut(setup, bytes, timeoutMs);
        return NOTHING;
      case KIND.bulkIn:
        return link.bulkIn(address, length, timeoutMs);
      case KIND.bulkOut:
        await link.bulkOut(address, bytes, timeoutMs, request.endShort);
        return NOTHING;
      case KIND.clearHalt:
        await link.clearHalt(address);
        return NOTHING;
      case KIND.reset:
        await link.reset();
        return NOTHING;
    }
    throw new AgentError("usb-wire", `kind ${kind}`);
  }

  /** Throws `usb-busy` while another cable has the interface. */
  async #claim(interfaceNumber: number): Promise<void> {
    // a cable that was pulled before this one asked is noticed in the turns that follow
    for (let turns = 3; turns > 0 && this.#claims.has(interfaceNumber); turns--) await nextTurn();
    const holder = this.#claims.get(interfaceNumber);
    if (holder !== undefined && holder !== this)
      throw new AgentError("usb-busy", `interface ${interfaceNumber}`);
    this.#links.set(interfaceNumber, this.#faults.over(this.#device.open(interfaceNumber)));
    this.#claims.set(interfaceNumber, this);
  }

  async #letGo(interfaceNumber: number, link: UsbLink): Promise<void> {
    this.#links.delete(interfaceNumber);
    await link.close();
    this.#claims.delete(interfaceNumber);
  }
}

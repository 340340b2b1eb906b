import { mkdir, rename, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
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

/** Plugs `device` into port `port` (`1-1.4`) of the hub, a folder. Throws `usb-folder`, or the system's error. */
export async function plugIn(
  hub: string,
  port: string,
  device: VirtualDevice,
  clock: Clock,
): Promise<Plugged> {
  await mkdir(hub, { recursive: true });
  const path = join(hub, port);
  const early = join(hub, `.${port}`);
  if (Buffer.byteLength(early) > MAX_SOCKET_PATH_BYTES)
    throw new AgentError("usb-folder", hub, { next: "choose a folder with a shorter path" });
  const cables = new Set<Socket>();
  const server = createServer((socket) => {
    cables.add(socket);
    socket.once("close", () => cables.delete(socket));
    serve(socket, device, faults);
  });
  let pulled: Promise<void> | null = null;
  let tell = (): void => {};
  const unplugged = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const pull = async (): Promise<void> => {
    await rm(path, { force: true });
    for (const cable of cables) cable.destroy();
    await new Promise((resolve) => server.close(resolve));
    tell();
  };
  const unplug = (): Promise<void> => {
    pulled ??= pull();
    return pulled;
  };
  const faults = new UsbFaults(clock, () => void unplug());
  await rm(early, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(early, resolve);
  });
  // it appears when it answers: a bus never finds a socket that nobody listens at
  await rename(early, path);
  return { unplug, fault: (fault) => faults.set(fault), heal: () => faults.clear(), unplugged };
}

/** The device's end of one cable. */
function serve(socket: Socket, device: VirtualDevice, faults: UsbFaults): void {
  const links = new Map<number, UsbLink>();
  let running = 0;
  socket.on("error", () => {});
  socket.once("close", () => {
    for (const link of links.values()) void link.close();
    links.clear();
  });
  socket.write(frameBytes(KIND.hello, 0, textOf(device.descriptors)));
  const frames = new FrameReader((frame) => {
    if (++running > MAX_CALLS) {
      socket.destroy();
      return;
    }
    void answer(frame, device, links, faults).then((reply) => {
      running--;
      if (!socket.destroyed) socket.write(reply);
    });
  });
  socket.on("data", (piece: Buffer) => {
    try {
      frames.push(piece);
    } catch {
      socket.destroy();
    }
  });
}

/** Never rejects. */
async function answer(
  frame: Frame,
  device: VirtualDevice,
  links: Map<number, UsbLink>,
  faults: UsbFaults,
): Promise<Buffer> {
  try {
    const value = await perform(frame, device, links, faults);
    return frameBytes(KIND.value, frame.call, value);
  } catch (error) {
    const place = error instanceof AgentError ? error.place : String(error);
    return frameBytes(KIND.error, frame.call, textOf({ code: errorCode(error), place: place.slice(0, 200) }));
  }
}

const NOTHING = new Uint8Array(0);

async function perform(
  { kind, body }: Frame,
  device: VirtualDevice,
  links: Map<number, UsbLink>,
  faults: UsbFaults,
): Promise<Uint8Array> {
  const { request, bytes } = readRequest(body);
  const { interfaceNumber, address, length, timeoutMs } = request;
  if (kind === KIND.open) {
    links.set(interfaceNumber, faults.over(device.open(interfaceNumber)));
    return NOTHING;
  }
  const link = links.get(interfaceNumber);
  if (link === undefined) throw new AgentError("usb-failed", `interface ${interfaceNumber} is not open`);
  const { request: number, value, index } = request;
  const setup = { requestType: address, request: number, value, index };
  switch (kind) {
    case KIND.close:
      links.delete(interfaceNumber);
      await link.close();
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

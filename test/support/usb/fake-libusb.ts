import { EventEmitter } from "node:events";
import type { VirtualDevice } from "../../../drivers/simulator/virtual-device.ts";
import type { UsbLink } from "../../../drivers/usb/usb-link.ts";

const ERRNO = new Map([
  ["usb-timeout", 2],
  ["usb-stall", 4],
  ["usb-gone", 5],
  ["usb-overflow", 6],
]);
const NO_DEVICE = -4;
const BUSY = -6;

type End = (error: Error | undefined, buffer: Buffer, count: number) => void;

function libusbError(errno: number): Error {
  return Object.assign(new Error(`LIBUSB ${errno}`), { errno });
}

/** The classic API of the usb package as far as it is used, with a virtual device in port 2-3.1. */
export class FakeLibusb {
  readonly usb: EventEmitter & { INIT_ERROR: number } = Object.assign(new EventEmitter(), { INIT_ERROR: 0 });
  readonly Transfer = FakeTransfer;
  #device: FakeDevice | null = null;

  getDeviceList(): FakeDevice[] {
    return this.#device === null ? [] : [this.#device];
  }

  plug(virtual: VirtualDevice): void {
    this.#device = new FakeDevice(virtual);
    this.usb.emit("attach", this.#device);
  }

  unplug(): void {
    const device = this.#device;
    this.#device = null;
    device?.pull();
    if (device !== null) this.usb.emit("detach", device);
  }
}

class FakeDevice {
  readonly busNumber = 2;
  readonly portNumbers = [3, 1];
  readonly deviceDescriptor: object;
  readonly configDescriptor: object;
  readonly transfers = new Set<FakeTransfer>();
  readonly #virtual: VirtualDevice;
  readonly #claimed = new Map<number, UsbLink>();
  #gone = false;

  constructor(virtual: VirtualDevice) {
    this.#virtual = virtual;
    const { vendorId, productId, deviceClass, interfaces } = virtual.descriptors;
    this.deviceDescriptor = { idVendor: vendorId, idProduct: productId, bDeviceClass: deviceClass };
    this.configDescriptor = {
      interfaces: interfaces.map((one) => [
        {
          bInterfaceNumber: one.number,
          bInterfaceClass: one.class,
          bInterfaceSubClass: one.subclass,
          bInterfaceProtocol: one.protocol,
          endpoints: one.endpoints.map(({ address, packetBytes }) => ({
            bEndpointAddress: address,
            bmAttributes: 2,
            wMaxPacketSize: packetBytes,
          })),
        },
      ]),
    };
  }

  get link(): UsbLink {
    const [link] = this.#claimed.values();
    if (link === undefined || this.#gone) throw libusbError(NO_DEVICE);
    return link;
  }

  open(): void {
    if (this.#gone) throw libusbError(NO_DEVICE);
  }

  close(): void {
    if (this.transfers.size > 0) throw new Error("Can't close device with a pending request");
  }

  setAutoDetachKernelDriver(): void {}

  __claimInterface(number: number): void {
    if (this.#claimed.has(number)) throw libusbError(BUSY);
    this.#claimed.set(number, this.#virtual.open(number));
  }

  __releaseInterface(number: number, done: () => void): void {
    void this.#claimed.get(number)?.close();
    this.#claimed.delete(number);
    setImmediate(done);
  }

  __clearHalt(endpoint: number, done: (error?: Error) => void): void {
    void this.link.clearHalt(endpoint).then(() => done());
  }

  reset(done: (error?: Error) => void): void {
    void this.link.reset().then(() => done());
  }

  /** As Linux does it: transfers fail with a common error first. */
  pull(): void {
    for (const transfer of this.transfers) transfer.fail(1);
    this.#gone = true;
  }
}

class FakeTransfer {
  readonly #device: FakeDevice;
  readonly #endpoint: number;
  readonly #timeoutMs: number;
  readonly #end: End;
  #buffer: Buffer | null = null;

  constructor(device: FakeDevice, endpoint: number, _type: number, timeoutMs: number, end: End) {
    this.#device = device;
    this.#endpoint = endpoint;
    this.#timeoutMs = timeoutMs;
    this.#end = end;
  }

  submit(buffer: Buffer): void {
    const { link } = this.#device;
    this.#buffer = buffer;
    this.#device.transfers.add(this);
    this.#perform(link, buffer).then(
      (count) => this.#settle(undefined, count),
      (error: { code: string }) => this.fail(ERRNO.get(error.code) ?? 1),
    );
  }

  cancel(): boolean {
    setImmediate(() => this.fail(3));
    return true;
  }

  fail(status: number): void {
    this.#settle(libusbError(status), 0);
  }

  #settle(error: Error | undefined, count: number): void {
    const buffer = this.#buffer;
    if (buffer === null) return;
    this.#buffer = null;
    this.#device.transfers.delete(this);
    this.#end(error, buffer, count);
  }

  async #perform(link: UsbLink, buffer: Buffer): Promise<number> {
    if (this.#endpoint === 0) return this.#control(link, buffer);
    if (this.#endpoint < 0x80) {
      await link.bulkOut(this.#endpoint, buffer, this.#timeoutMs);
      return buffer.length;
    }
    const bytes = await link.bulkIn(this.#endpoint, buffer.length, this.#timeoutMs);
    buffer.set(bytes);
    return bytes.length;
  }

  async #control(link: UsbLink, buffer: Buffer): Promise<number> {
    const setup = {
      requestType: buffer.readUInt8(0),
      request: buffer.readUInt8(1),
      value: buffer.readUInt16LE(2),
      index: buffer.readUInt16LE(4),
    };
    if (setup.requestType < 0x80) {
      await link.controlOut(setup, buffer.subarray(8), this.#timeoutMs);
      return buffer.length - 8;
    }
    const bytes = await link.controlIn(setup, buffer.readUInt16LE(6), this.#timeoutMs);
    buffer.set(bytes, 8);
    return bytes.length;
  }
}

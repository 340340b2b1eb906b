import { existsSync } from "node:fs";
import type { Device } from "usb";
import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { UsbBus, UsbChange, UsbDevice, UsbLink } from "../usb-link.ts";
import { describe, portOf } from "./describe.ts";
import { usbError } from "./libusb-errors.ts";
import { LibusbLink, type OpenedDevice } from "./libusb-link.ts";

/** Where the kernel shows what is plugged in. */
const DEVICES = "/sys/bus/usb/devices";
const CLASS_HUB = 9;

/** The part of the usb package that is used: the classic API. */
type Usb = typeof import("usb");

export interface LibusbBusOptions {
  clock: Clock;
  lastInsertion?: number;
  warn?: (warning: { code: string; place: string; next?: string }) => void;
  /** For a machine whose libusb does not load. */
  load?: () => Promise<Usb>;
  /** The kernel's list of devices, with their texts. */
  devices?: string;
}

interface Present {
  device: UsbDevice | null;
  readonly detached: AbortController;
  /** How many of its interfaces are claimed; it is open while there is one. */
  claims: Set<number>;
}

/** The machine's own ports, through libusb. A machine without any is an empty bus, with one warning. */
export class LibusbBus implements UsbBus {
  readonly #options: LibusbBusOptions;
  readonly #present = new Map<Device, Present>();
  readonly #closed = new AbortController();
  #usb: Usb | null = null;
  #lastInsertion: number;

  constructor(options: LibusbBusOptions) {
    this.#options = options;
    this.#lastInsertion = options.lastInsertion ?? 0;
  }

  async watch(onChange: (change: UsbChange) => void, signal: AbortSignal): Promise<void> {
    const loaded = await this.#load();
    if (loaded === null) return;
    const { usb } = loaded;
    const attach = (device: Device): void => void this.#attach(device, onChange, signal);
    const detach = (device: Device): void => this.#detach(device, onChange, signal);
    usb.on("attach", attach);
    usb.on("detach", detach);
    const end = (): void => {
      usb.removeListener("attach", attach);
      usb.removeListener("detach", detach);
    };
    signal.addEventListener("abort", end, { once: true });
    this.#closed.signal.addEventListener("abort", end, { once: true });
    await Promise.all(loaded.getDeviceList().map((device) => this.#attach(device, onChange, signal)));
  }

  async open(device: UsbDevice, interfaceNumber: number): Promise<UsbLink> {
    const { port } = device;
    const found = [...this.#present].find(([, { device: one }]) => one?.insertion === device.insertion);
    if (found === undefined || this.#usb === null) throw new AgentError("usb-gone", port);
    const [libusb, present] = found;
    const claimed = device.interfaces.find((one) => one.number === interfaceNumber);
    if (claimed === undefined) throw new AgentError("usb-failed", `${port}: no interface ${interfaceNumber}`);
    // libusb lets one handle claim an interface as often as it likes
    if (present.claims.has(interfaceNumber)) {
      throw new AgentError("usb-busy", `${port}, interface ${interfaceNumber}`);
    }
    try {
      if (present.claims.size === 0) openDevice(libusb);
      present.claims.add(interfaceNumber);
    } catch (cause) {
      throw usbError(cause, port);
    }
    const opened: OpenedDevice = {
      device: libusb,
      port,
      detached: present.detached.signal,
      done: () => {
        present.claims.delete(interfaceNumber);
        if (present.claims.size === 0) closeDevice(libusb);
      },
    };
    try {
      // by its number: node-usb's Interface claims by its place in the list
      libusb.__claimInterface(interfaceNumber);
    } catch (cause) {
      opened.done();
      throw usbError(cause, `${port}, interface ${interfaceNumber}`);
    }
    return new LibusbLink(opened, claimed, this.#usb.Transfer, this.#options.clock);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    for (const { detached } of this.#present.values()) detached.abort();
    this.#present.clear();
  }

  /** Null: there is no USB here, and that has been told. */
  async #load(): Promise<Usb | null> {
    const { warn, load = () => import("usb"), devices = DEVICES } = this.#options;
    try {
      // not before it is wanted: most machines that run this have no port to look at
      const loaded = await load();
      if (loaded.usb.INIT_ERROR !== 0) throw new Error(`libusb_init: ${loaded.usb.INIT_ERROR}`);
      loaded.getDeviceList();
      this.#usb = loaded;
    } catch (error) {
      warn?.({
        code: "usb-unavailable",
        place: String(error),
        next: "install libudev1",
      });
      return null;
    }
    if (!existsSync(devices)) warn?.({ code: "usb-none", place: devices });
    return this.#usb;
  }

  async #attach(libusb: Device, onChange: (change: UsbChange) => void, signal: AbortSignal): Promise<void> {
    const port = portOf(libusb);
    if (port === null || libusb.deviceDescriptor.bDeviceClass === CLASS_HUB) return;
    // the list and the event both tell of one that comes in between
    if (this.#present.has(libusb) || signal.aborted) return;
    const present: Present = { device: null, detached: new AbortController(), claims: new Set() };
    this.#present.set(libusb, present);
    const { clock, devices = DEVICES } = this.#options;
    try {
      const device = await describe(libusb, port, ++this.#lastInsertion, { clock, devices });
      if (present.detached.signal.aborted || signal.aborted) return;
      present.device = device;
      onChange({ kind: "attached", device });
    } catch (cause) {
      const { code, place } = usbError(cause, port);
      this.#options.warn?.({ code, place });
    }
  }

  #detach(libusb: Device, onChange: (change: UsbChange) => void, signal: AbortSignal): void {
    const present = this.#present.get(libusb);
    this.#present.delete(libusb);
    present?.detached.abort();
    if (present !== undefined && present.device !== null && !signal.aborted)
      onChange({ kind: "detached", device: present.device });
  }
}

/** Opened so that a claim takes the interface from the kernel's driver, and the release gives it back. */
function openDevice(device: Device): void {
  device.open(false);
  try {
    device.setAutoDetachKernelDriver(true);
  } catch {
    // not on this system: a claim then says `usb-busy`
  }
}

function closeDevice(device: Device): void {
  try {
    device.close();
  } catch {
    // libusb has a transfer that it never ended; the process ends with it
  }
}

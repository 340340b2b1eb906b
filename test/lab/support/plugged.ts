import { systemClock } from "../../../config/base/clock.ts";
import { mtpInterface, openMtp } from "../../../drivers/recorders/mtp/mtp-driver.ts";
import type { RecorderDriver } from "../../../drivers/recorders/recorder-driver.ts";
import { LibusbBus } from "../../../drivers/usb/libusb/libusb-bus.ts";
import type { UsbDevice, UsbLink } from "../../../drivers/usb/usb-link.ts";
import { eventually } from "../../support/waiting.ts";

const APPEAR_MS = 60_000;

/** libusb's bus, and which of its devices are wanted. */
export class Plugged {
  readonly #bus = new LibusbBus({ clock: systemClock });
  readonly #ending = new AbortController();
  readonly #isWanted: (device: UsbDevice) => boolean;
  #device: UsbDevice | null = null;

  constructor(isWanted: (device: UsbDevice) => boolean) {
    this.#isWanted = isWanted;
  }

  async watch(): Promise<void> {
    await this.#bus.watch(({ kind, device }) => {
      if (this.#isWanted(device)) this.#device = kind === "attached" ? device : null;
    }, this.#ending.signal);
  }

  async isGone(): Promise<void> {
    await eventually("the detach", () => this.#device === null, APPEAR_MS);
  }

  async device(): Promise<UsbDevice> {
    await eventually("the device", () => this.#device !== null, APPEAR_MS);
    return this.#device as UsbDevice;
  }

  /** Whether the kernel has it. */
  get isThere(): boolean {
    return this.#device !== null;
  }

  /** The MTP driver of the wanted device, over libusb; responders in this machine tell its own time, which is UTC. */
  async openMtp(over: (link: UsbLink) => UsbLink = (link) => link): Promise<RecorderDriver> {
    const device = await this.device();
    const link = over(await this.#bus.open(device, mtpInterface(device)?.number ?? 0));
    return await openMtp(link, device, { clock: systemClock, utcOffsetMin: 0 });
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#bus.close();
  }
}

import { systemClock } from "../../../config/base/clock.ts";
import { openGat947 } from "../../recorders/gat947-jieli/gat947-recorder.ts";
import { openMtp } from "../../recorders/mtp/mtp-driver.ts";
import type { DriverName, RecorderDriver } from "../../recorders/recorder-driver.ts";
import type { UsbDevice, UsbLink } from "../usb-link.ts";

/** What a dock tells a driver about its recorders. Plain data: it crosses into the USB process. */
export interface RecorderOptions {
  /** Zone of a recorder's clock that has none, minutes east of UTC; the driver's default is China's, 480. */
  utcOffsetMin?: number;
}

/** Speaks to a recorder over a claimed interface. The driver owns the link: its `close` closes it. */
export type DriverOpener = (
  link: UsbLink,
  device: UsbDevice,
  options: RecorderOptions,
) => RecorderDriver | Promise<RecorderDriver>;

/** Drivers that run over a link, by name. The others are mounted, or come over the network. */
export type DriverTable = Readonly<Partial<Record<DriverName, DriverOpener>>>;

export const DRIVER_TABLE: DriverTable = {
  "gat947-jieli": (link, device, options) => openGat947(link, device, { ...options, clock: systemClock }),
  mtp: (link, device, options) => openMtp(link, device, { ...options, clock: systemClock }),
};

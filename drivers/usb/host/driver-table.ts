import type { DriverName, RecorderDriver } from "../../recorders/recorder-driver.ts";
import type { UsbDevice, UsbLink } from "../usb-link.ts";

/** What a dock tells a driver about its recorders. Plain data: it crosses into the USB process. */
export interface RecorderOptions {
  /** Zone of recorders' clocks that have none, IANA name such as `Asia/Shanghai`. */
  zone?: string;
  /** Password of the recorder's own protocol, where it has one. */
  password?: string;
}

/** Speaks to a recorder over a claimed interface. The driver owns the link: its `close` closes it. */
export type DriverOpener = (
  link: UsbLink,
  device: UsbDevice,
  options: RecorderOptions,
) => RecorderDriver | Promise<RecorderDriver>;

/** Drivers that run over a link, by name. The others are mounted, or come over the network. */
export type DriverTable = Readonly<Partial<Record<DriverName, DriverOpener>>>;

export const DRIVER_TABLE: DriverTable = {};

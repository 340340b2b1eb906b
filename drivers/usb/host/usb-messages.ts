import type { Capability, DriverName, Listed, RecorderDriver } from "../../recorders/recorder-driver.ts";
import type { Finding } from "../fingerprints.ts";
import type { UsbDevice } from "../usb-link.ts";
import type { RecorderOptions } from "./driver-table.ts";

/** What crosses between the main process and the USB process. */

/** Real ports, or a folder in which each socket is a device that is plugged in. */
export type BusChoice = { bus: "libusb" } | { bus: "virtual"; hub: string };

export interface ProcessStart {
  bus: BusChoice;
  /** Where it listens for readers of files, in a private folder. */
  socket: string;
  /** No insertion gets this number or a lower one. */
  lastInsertion: number;
  /** Ports that are left alone until `admit`. */
  held: string[];
}

export type UsbProcessEvent =
  /** It is plugged into a port that is left alone. */
  | { kind: "held"; device: UsbDevice }
  /** It is being asked who it is. */
  | { kind: "looking"; device: UsbDevice }
  | { kind: "attached"; device: UsbDevice; finding: Finding }
  | { kind: "detached"; insertion: number }
  /** Something is not as it should be, and work goes on. */
  | { kind: "warning"; code: string; place: string; next?: string };

/** Calls of `RecorderDriver` that are one question and one answer. */
export const ASKABLE = [
  "identify",
  "battery",
  "readClock",
  "setClock",
  "readWearer",
  "writeWearer",
  "remove",
  "showLamp",
  "restart",
  "switchToDisk",
] as const satisfies readonly (keyof RecorderDriver)[];
export type Askable = (typeof ASKABLE)[number];

export interface OpenedRecorder {
  link: string;
  name: DriverName;
  capabilities: Capability[];
}

/** `call` numbers what `cancel` can end. */
export type UsbProcessOperations = {
  start(options: ProcessStart): Promise<void>;
  ping(): { rssBytes: number };
  /** A port is left alone no longer. */
  admit(port: string): void;
  open(call: number, insertion: number, options: RecorderOptions): Promise<OpenedRecorder>;
  ask(call: number, link: string, method: Askable, args: unknown[]): Promise<unknown>;
  /** The next page of a listing; the first one begins it. */
  listPage(call: number, link: string, listing: number): Promise<{ listed: Listed[]; done: boolean }>;
  endListing(link: string, listing: number): Promise<void>;
  closeRecorder(link: string): Promise<void>;
  cancel(call: number): void;
  stop(): Promise<void>;
};

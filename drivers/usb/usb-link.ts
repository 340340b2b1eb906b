/**
 * One open interface of one USB device, as the drivers of recorders use it. Implemented over libusb, and by
 * the virtual bus of the simulator; both pass `test/contract/usb-link.ts`.
 *
 * Every call has a time limit. Errors are AgentErrors: `usb-timeout`, `usb-stall` (the endpoint is halted
 * until `clearHalt`), `usb-gone`, `usb-access` (permissions), `usb-busy` (another driver holds it),
 * `usb-overflow` (more came than was asked for), `usb-failed`.
 */
export interface UsbLink {
  /** A request on endpoint 0 that reads at most `length` bytes. */
  controlIn(setup: ControlSetup, length: number, timeoutMs: number): Promise<Uint8Array>;
  controlOut(setup: ControlSetup, bytes: Uint8Array, timeoutMs: number): Promise<void>;
  /**
   * One transfer of at most `length` bytes; fewer came if the device ended it with a short packet. A link may put
   * them into `memory`, of `length` bytes or more: it is the link's until the call has ended, and for good if the
   * call failed.
   */
  bulkIn(endpoint: number, length: number, timeoutMs: number, memory?: Uint8Array): Promise<Uint8Array>;
  /** One transfer; with `endShort` a zero-length packet ends what is a multiple of the packet size. */
  bulkOut(endpoint: number, bytes: Uint8Array, timeoutMs: number, endShort?: boolean): Promise<void>;
  clearHalt(endpoint: number): Promise<void>;
  /** Resets the device; the link stays usable. */
  reset(): Promise<void>;
  /** Releases the interface; never throws. */
  close(): Promise<void>;
}

/** The fields of a setup packet, USB 2.0 §9.3; `wLength` is the length of what is read or written. */
export interface ControlSetup {
  requestType: number;
  request: number;
  value: number;
  index: number;
}

export interface UsbEndpoint {
  /** Bit 7 set: towards us. */
  address: number;
  type: "control" | "isochronous" | "bulk" | "interrupt";
  packetBytes: number;
}

export interface UsbInterface {
  number: number;
  class: number;
  subclass: number;
  protocol: number;
  /** What the device calls it; MTP is told from PTP by it. */
  name?: string;
  endpoints: UsbEndpoint[];
}

/** A device as its descriptors claim it. */
export interface UsbDevice {
  /** Where it is plugged in, `bus-port.port…` as in /sys/bus/usb/devices: the bay, not the recorder. */
  port: string;
  /** Changes with every insertion. */
  insertion: number;
  vendorId: number;
  productId: number;
  deviceClass: number;
  manufacturer?: string;
  product?: string;
  serial?: string;
  interfaces: UsbInterface[];
}

/** What is plugged in. */
export interface UsbBus {
  /**
   * Tells of every device that is there, and then of each that comes or goes, until the signal aborts.
   * Resolves when all that are there have been told.
   */
  watch(onChange: (change: UsbChange) => void, signal: AbortSignal): Promise<void>;
  /** Claims one interface. Throws `usb-gone`, `usb-access`, `usb-busy`, `usb-failed`. */
  open(device: UsbDevice, interfaceNumber: number): Promise<UsbLink>;
  close(): Promise<void>;
}

export type UsbChange = { kind: "attached"; device: UsbDevice } | { kind: "detached"; device: UsbDevice };

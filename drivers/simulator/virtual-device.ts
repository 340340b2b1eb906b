import type { UsbDevice, UsbLink } from "../usb/usb-link.ts";

/**
 * A USB device that is a program: descriptors, and what answers on each interface. Plugged into a virtual bus,
 * or handed to a driver directly.
 */
export interface VirtualDevice {
  readonly descriptors: Omit<UsbDevice, "port" | "insertion">;
  /** The device's side of an interface: answers as a `UsbLink` does, faults included. */
  open(interfaceNumber: number): UsbLink;
}

import { systemClock } from "../../../config/base/clock.ts";
import type { DriverName } from "../../../drivers/recorders/recorder-driver.ts";
import { findDriver, type RefusalReason, USB_CLASS } from "../../../drivers/usb/fingerprints.ts";
import { kernelInquiry } from "../../../drivers/usb/libusb/kernel-inquiry.ts";
import type { UsbDevice } from "../../../drivers/usb/usb-link.ts";

/** What the table of fingerprints says, as far as that can be told without asking the device anything. */
export type SeenFinding =
  | {
      kind: "recorder";
      driver: DriverName;
      family: string;
      /** A row that needs the answer to SCSI INQUIRY could not be tried: it may be a recorder of another driver. */
      unsure?: true;
    }
  | { kind: "refused"; reason: RefusalReason }
  | { kind: "hub" }
  | { kind: "other" };

export interface SeenInterface {
  number: number;
  class: number;
  subclass: number;
  protocol: number;
  name?: string;
  /** The kernel's driver; `usbfs`: a program. Absent: nobody, or not known on a virtual bus. */
  claimed_by?: string;
}

/** A device that is plugged in. */
export interface SeenDevice {
  port: string;
  /** The bay that the configuration has at this port. */
  bay?: string;
  vendor_id: number;
  product_id: number;
  device_class: number;
  manufacturer?: string;
  product?: string;
  serial?: string;
  finding: SeenFinding;
  /** Whether this account may open it; absent on a virtual bus. */
  may_open?: boolean;
  interfaces: SeenInterface[];
}

/** Vendor and product as everybody writes them: `05c6:9025`. */
export function usbId({ vendor_id: vendor, product_id: product }: SeenDevice): string {
  return [vendor, product].map((id) => id.toString(16).padStart(4, "0")).join(":");
}

/** What is known of a device beside its descriptors. */
export interface Circumstances {
  bay?: string;
  claimedBy: ReadonlyMap<number, string>;
  mayOpen?: boolean;
  /** What it answered to SCSI INQUIRY when the kernel asked; null: nobody has asked. */
  known: (device: UsbDevice, interfaceNumber: number) => Promise<string | null>;
}

/** Of a disk that the kernel's own driver holds. */
export const kernelKnows: Circumstances["known"] = ({ port }, interfaceNumber) =>
  kernelInquiry(port, interfaceNumber, systemClock);

export async function seenDevice(
  device: UsbDevice,
  { bay, claimedBy, mayOpen, known }: Circumstances,
): Promise<SeenDevice> {
  const { port, vendorId, productId, deviceClass, manufacturer, product, serial, interfaces } = device;
  return {
    port,
    ...(bay === undefined ? {} : { bay }),
    vendor_id: vendorId,
    product_id: productId,
    device_class: deviceClass,
    ...(manufacturer === undefined ? {} : { manufacturer }),
    ...(product === undefined ? {} : { product }),
    ...(serial === undefined ? {} : { serial }),
    finding: await findingOf(device, known),
    ...(mayOpen === undefined ? {} : { may_open: mayOpen }),
    interfaces: interfaces.map(({ endpoints: _, ...one }) => {
      const driver = claimedBy.get(one.number);
      return { ...one, ...(driver === undefined ? {} : { claimed_by: driver }) };
    }),
  };
}

async function findingOf(device: UsbDevice, known: Circumstances["known"]): Promise<SeenFinding> {
  if (device.deviceClass === USB_CLASS.hub) return { kind: "hub" };
  let isUnsure = false;
  const found = await findDriver(device, async (interfaceNumber) => {
    const text = await known(device, interfaceNumber);
    isUnsure ||= text === null;
    return text;
  });
  switch (found.kind) {
    case "recorder": {
      const { driver, family } = found;
      return { kind: "recorder", driver, family, ...(isUnsure ? { unsure: true } : {}) };
    }
    case "refused":
      return found;
    // its probe never throws here
    case "unreadable":
    case "other":
      return { kind: "other" };
  }
}

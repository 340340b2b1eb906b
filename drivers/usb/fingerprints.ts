import type { DriverName } from "../recorders/recorder-driver.ts";
import type { UsbDevice, UsbInterface } from "./usb-link.ts";

/**
 * Which driver speaks with which device. The first row that fits decides. What a device says of itself is a
 * claim: a row chooses the language in which it is spoken to, and trusts it in nothing.
 */
export interface Fingerprint {
  driver: DriverName;
  /** The model family, as people know it. */
  family: string;
  /** The interface that is claimed, or mounted. */
  interface: { class: number; subclass?: number; protocol?: number; name?: RegExp };
  vendorId?: number;
  productId?: number;
  manufacturer?: RegExp;
  product?: RegExp;
  serial?: RegExp;
  /**
   * What SCSI INQUIRY must answer: vendor (8), product (16) and revision (4) as one text, blanks aside. The row
   * needs a probe: descriptors do not tell.
   */
  inquiry?: string;
}

/** Interface classes of the USB-IF (usb.org, "Defined Class Codes"). */
export const USB_CLASS = {
  hid: 0x03,
  stillImage: 0x06,
  massStorage: 0x08,
  hub: 0x09,
  communications: 0x02,
  vendor: 0xff,
} as const;

export const FINGERPRINTS: readonly Fingerprint[] = [
  {
    // our own gadget: networking by CDC NCM (class 2, subclass 0x0d, CDC 1.2 with NCM 1.0 §3), and these two
    // strings, which only we use; the ids are those of whatever gadget controller the board has
    driver: "fulltrace",
    family: "fulltrace",
    interface: { class: USB_CLASS.communications, subclass: 0x0d },
    manufacturer: /^fulltrace$/,
    product: /^fulltrace recorder\b/,
  },
  {
    // the same over CDC ECM (subclass 6, CDC ECM 1.2 §3), for boards whose controller cannot do NCM
    driver: "fulltrace",
    family: "fulltrace",
    interface: { class: USB_CLASS.communications, subclass: 0x06 },
    manufacturer: /^fulltrace$/,
    product: /^fulltrace recorder\b/,
  },
  {
    // Still Image Capture 1.0 §4.1: class 6, subclass 1, protocol 1 is PTP; MTP 1.1 appendix C takes the same
    driver: "mtp",
    family: "MTP",
    interface: { class: USB_CLASS.stillImage, subclass: 0x01, protocol: 0x01 },
  },
  {
    // devices that keep MTP from the system's PTP: vendor class, and the interface is called MTP
    // (as Android's and umtp-responder's do; libmtp asks for the same name)
    driver: "mtp",
    family: "MTP",
    interface: { class: USB_CLASS.vendor, name: /^MTP$/ },
  },
  {
    // GA/T 947.4 recorders with a JieLi chip before they are switched to disk: a disk by its descriptors
    // (Mass Storage Bulk-Only 1.0 §4.3), told apart by this INQUIRY alone
    driver: "gat947-jieli",
    family: "JieLi DV16",
    interface: { class: USB_CLASS.massStorage, subclass: 0x06, protocol: 0x50 },
    inquiry: "DV16 DEVICE V1.00",
  },
  {
    // any disk: transparent SCSI over bulk-only transport (Mass Storage Bulk-Only 1.0 §4.3)
    driver: "mass-storage",
    family: "USB disk",
    interface: { class: USB_CLASS.massStorage, subclass: 0x06, protocol: 0x50 },
  },
  {
    // any faster disk: USB Attached SCSI (UAS 1.0 §5.2.3, protocol 0x62); spoken by the kernel only
    driver: "mass-storage",
    family: "USB disk (UAS)",
    interface: { class: USB_CLASS.massStorage, subclass: 0x06, protocol: 0x62 },
  },
];

/** What the table says about a device. */
export type Finding =
  | { kind: "recorder"; driver: DriverName; interfaceNumber: number; family: string }
  /** Not let in, code `not-a-recorder`: it claims to be a keyboard or the like, whatever else it is. */
  | { kind: "refused"; reason: RefusalReason }
  /** Its probe failed with this code: who it is stays open. */
  | { kind: "unreadable"; code: string; place: string }
  /** Nothing of ours: a hub, a network adapter, a camera that is no recorder. */
  | { kind: "other" };

export const REFUSAL_REASONS = ["input-device", "too-many-interfaces"] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** No recorder has more. */
const MAX_INTERFACES = 16;

/** Asks one interface for its SCSI INQUIRY text; null: it answers, but not to that. */
export type InquiryProbe = (interfaceNumber: number) => Promise<string | null>;

/**
 * Which driver, if any. A device with a human interface is refused before anything else is looked at: a
 * keyboard that poses as a camera would type on the dock. Throws what the probe throws.
 */
export async function findDriver(device: UsbDevice, probe: InquiryProbe): Promise<Finding> {
  const { interfaces } = device;
  if (interfaces.some((one) => one.class === USB_CLASS.hid) || device.deviceClass === USB_CLASS.hid)
    return { kind: "refused", reason: "input-device" };
  if (interfaces.length > MAX_INTERFACES) return { kind: "refused", reason: "too-many-interfaces" };
  const inquiries = new Map<number, string | null>();
  for (const row of FINGERPRINTS) {
    const fitting = interfaces.find((one) => deviceFits(row, device) && interfaceFits(row, one));
    if (fitting === undefined) continue;
    const { number } = fitting;
    if (row.inquiry !== undefined) {
      if (!inquiries.has(number)) inquiries.set(number, await probe(number));
      if (!inquiryFits(row.inquiry, inquiries.get(number) ?? "")) continue;
    }
    return { kind: "recorder", driver: row.driver, interfaceNumber: number, family: row.family };
  }
  return { kind: "other" };
}

function deviceFits(row: Fingerprint, device: UsbDevice): boolean {
  return (
    (row.vendorId === undefined || row.vendorId === device.vendorId) &&
    (row.productId === undefined || row.productId === device.productId) &&
    textFits(row.manufacturer, device.manufacturer) &&
    textFits(row.product, device.product) &&
    textFits(row.serial, device.serial)
  );
}

function interfaceFits(row: Fingerprint, one: UsbInterface): boolean {
  const wanted = row.interface;
  return (
    wanted.class === one.class &&
    (wanted.subclass === undefined || wanted.subclass === one.subclass) &&
    (wanted.protocol === undefined || wanted.protocol === one.protocol) &&
    textFits(wanted.name, one.name)
  );
}

function textFits(pattern: RegExp | undefined, text: string | undefined): boolean {
  return pattern === undefined || pattern.test(text ?? "");
}

/** The text lies over fields that are filled up with blanks: where they fall says nothing. */
function inquiryFits(wanted: string, text: string): boolean {
  const dense = (padded: string): string => padded.replace(/\s/g, "");
  return dense(text).includes(dense(wanted));
}

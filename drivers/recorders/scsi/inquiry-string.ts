import { type Clock, systemClock } from "../../../config/base/clock.ts";
import type { UsbDevice, UsbLink } from "../../usb/usb-link.ts";
import { BulkOnlyTransport, bulkOnlyInterface } from "./bulk-only-transport.ts";
import { ScsiUnit } from "./scsi-unit.ts";

/**
 * What a disk answers to INQUIRY, for the fingerprint table: vendor, product and revision with one blank
 * between them. Throws `recorder-gone`, `recorder-silent`, `recorder-answer`, and `unsupported` for what is no disk.
 */
export async function inquiryString(
  link: UsbLink,
  device: UsbDevice,
  clock: Clock = systemClock,
): Promise<string> {
  const transport = new BulkOnlyTransport(link, bulkOnlyInterface(device), clock);
  const { vendor, product, revision } = await new ScsiUnit(transport).inquiry();
  return [vendor, product, revision].filter((part) => part !== "").join(" ");
}

import type { Clock } from "../../../../config/base/clock.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import { inquiryString } from "../../../recorders/scsi/inquiry-string.ts";
import type { UsbBus, UsbDevice } from "../../usb-link.ts";

/**
 * What a disk answers to SCSI INQUIRY over its link; null from one that does not answer as it should. Throws what
 * opening throws, and `recorder-gone`.
 */
export async function inquiryText(
  bus: UsbBus,
  device: UsbDevice,
  interfaceNumber: number,
  clock: Clock,
): Promise<string | null> {
  const link = await bus.open(device, interfaceNumber);
  try {
    return await inquiryString(link, device, clock);
  } catch (error) {
    if (!(error instanceof AgentError) || error.code === "recorder-gone") throw error;
    return null;
  } finally {
    await link.close();
  }
}

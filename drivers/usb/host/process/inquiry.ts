import { errorCode } from "../../../../config/base/errors.ts";
import type { UsbBus, UsbDevice, UsbLink } from "../../usb-link.ts";

const TIMEOUT_MS = 2_000;
const TAG = 0x46_54_01_01;
const CBW_BYTES = 31;
const CSW_BYTES = 13;
const STANDARD_INQUIRY_BYTES = 36;

/**
 * Vendor, product and revision from SCSI INQUIRY (SPC-4 §6.6.2) over bulk-only transport (Mass Storage
 * Bulk-Only 1.0 §5); null from a device that does not answer as it should. Throws what opening throws, and `usb-gone`.
 */
export async function inquiryText(
  bus: UsbBus,
  device: UsbDevice,
  interfaceNumber: number,
): Promise<string | null> {
  const endpoints = device.interfaces.find((one) => one.number === interfaceNumber)?.endpoints ?? [];
  const bulk = endpoints.filter((endpoint) => endpoint.type === "bulk");
  const towardsUs = bulk.find((endpoint) => endpoint.address >= 0x80)?.address;
  const towardsDevice = bulk.find((endpoint) => endpoint.address < 0x80)?.address;
  if (towardsUs === undefined || towardsDevice === undefined) return null;
  const link = await bus.open(device, interfaceNumber);
  try {
    return await ask(link, towardsUs, towardsDevice);
  } catch (error) {
    if (errorCode(error) === "usb-gone") throw error;
    await recover(link, interfaceNumber, [towardsUs, towardsDevice]);
    return null;
  } finally {
    await link.close();
  }
}

async function ask(link: UsbLink, towardsUs: number, towardsDevice: number): Promise<string | null> {
  const command = Buffer.alloc(CBW_BYTES);
  command.write("USBC", 0, "latin1");
  command.writeUInt32LE(TAG, 4);
  command.writeUInt32LE(STANDARD_INQUIRY_BYTES, 8);
  // data towards us, unit 0, command of 6 bytes
  command.set([0x80, 0, 6, 0x12, 0, 0, 0, STANDARD_INQUIRY_BYTES], 12);
  await link.bulkOut(towardsDevice, command, TIMEOUT_MS);
  const data = Buffer.from(await link.bulkIn(towardsUs, STANDARD_INQUIRY_BYTES, TIMEOUT_MS));
  const status = Buffer.from(await link.bulkIn(towardsUs, CSW_BYTES, TIMEOUT_MS));
  const answered =
    data.length === STANDARD_INQUIRY_BYTES &&
    status.length === CSW_BYTES &&
    status.toString("latin1", 0, 4) === "USBS" &&
    status.readUInt32LE(4) === TAG &&
    status.readUInt8(12) === 0;
  return answered ? data.toString("latin1", 8, 36) : null;
}

/** Reset recovery, Bulk-Only 1.0 §5.3.4: the driver that comes next finds the device as new. */
async function recover(link: UsbLink, interfaceNumber: number, endpoints: number[]): Promise<void> {
  const reset = { requestType: 0x21, request: 0xff, value: 0, index: interfaceNumber };
  await link.controlOut(reset, new Uint8Array(0), TIMEOUT_MS).catch(() => {});
  for (const endpoint of endpoints) await link.clearHalt(endpoint).catch(() => {});
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Device, InterfaceDescriptor } from "usb";
import type { Clock } from "../../../config/base/clock.ts";
import type { UsbDevice, UsbInterface } from "../usb-link.ts";
import { interfaceFolder } from "./kernel-inquiry.ts";

/** The kernel chooses the configuration just after it has told of the device. */
const CONFIGURED_WITHIN_MS = 1_000;
const LOOK_EVERY_MS = 100;
/** A string descriptor holds no more letters (USB 2.0 §9.6.7). */
const MAX_TEXT = 126;
const ENDPOINT_TYPES = ["control", "isochronous", "bulk", "interrupt"] as const;

/** Where a device is plugged in, as in /sys/bus/usb/devices; null: a root hub. */
export function portOf(device: Device): string | null {
  const { busNumber, portNumbers } = device;
  return portNumbers === undefined || portNumbers.length === 0
    ? null
    : `${busNumber}-${portNumbers.join(".")}`;
}

/**
 * A device by its descriptors. Its texts come from the kernel, which has read them: nothing is opened and nobody
 * needs permission. One without a configuration tells what its first would be.
 */
export async function describe(
  device: Device,
  port: string,
  insertion: number,
  { clock, devices }: { clock: Clock; devices: string },
): Promise<UsbDevice> {
  const { idVendor, idProduct, bDeviceClass } = device.deviceDescriptor;
  const interfaces = await interfacesOf(device, clock);
  return {
    port,
    insertion,
    vendorId: idVendor,
    productId: idProduct,
    deviceClass: bDeviceClass,
    ...(await texts(join(devices, port), {
      manufacturer: "manufacturer",
      product: "product",
      serial: "serial",
    })),
    interfaces: await Promise.all(interfaces.map((one) => describeInterface(one, port, devices))),
  };
}

async function interfacesOf(device: Device, clock: Clock): Promise<InterfaceDescriptor[]> {
  for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
    const active = device.configDescriptor;
    const chosen = active ?? (waitedMs >= CONFIGURED_WITHIN_MS ? device.allConfigDescriptors[0] : undefined);
    // of alternate settings, the first is what an interface begins with
    if (chosen !== undefined) return chosen.interfaces.flatMap((settings) => settings.slice(0, 1));
    if (waitedMs >= CONFIGURED_WITHIN_MS) return [];
    await clock.sleep(LOOK_EVERY_MS);
  }
}

async function describeInterface(
  one: InterfaceDescriptor,
  port: string,
  devices: string,
): Promise<UsbInterface> {
  const folder = await interfaceFolder(devices, port, one.bInterfaceNumber);
  return {
    number: one.bInterfaceNumber,
    class: one.bInterfaceClass,
    subclass: one.bInterfaceSubClass,
    protocol: one.bInterfaceProtocol,
    ...(folder === null ? {} : await texts(folder, { name: "interface" })),
    endpoints: one.endpoints.map((endpoint) => ({
      address: endpoint.bEndpointAddress,
      type: ENDPOINT_TYPES[endpoint.bmAttributes & 3] ?? "control",
      packetBytes: endpoint.wMaxPacketSize & 0x7ff,
    })),
  };
}

/** The texts that there are: each field from the file that is named. */
async function texts<F extends string>(
  folder: string,
  files: Record<F, string>,
): Promise<Partial<Record<F, string>>> {
  const found: Partial<Record<F, string>> = {};
  for (const [field, file] of Object.entries(files) as [F, string][]) {
    const text = await readFile(join(folder, file), "utf8").catch(() => null);
    if (text !== null) found[field] = text.replace(/\n$/, "").slice(0, MAX_TEXT);
  }
  return found;
}

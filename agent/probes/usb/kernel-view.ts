import { constants } from "node:fs";
import { access, readdir, readFile, readlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { AgentError } from "../../../config/base/errors.ts";
import type { UsbDevice, UsbInterface } from "../../../drivers/usb/usb-link.ts";

/** Where the kernel shows what is plugged in, and where its devices are opened. */
export interface UsbFolders {
  /** `/sys/bus/usb/devices` */
  devices: string;
  /** `/dev/bus/usb` */
  nodes: string;
}

export const SYSTEM_USB: UsbFolders = { devices: "/sys/bus/usb/devices", nodes: "/dev/bus/usb" };

/** A device as the kernel has read it: nothing is opened, nobody needs permission, no library is loaded. */
export interface KernelDevice {
  /** Without its endpoints, which the kernel shows elsewhere. `insertion` is the kernel's device number. */
  device: UsbDevice;
  /** By interface number: the driver that has claimed it; `usbfs` is a program, such as a dock. */
  claimedBy: ReadonlyMap<number, string>;
  /** Whether this account may open it. */
  mayOpen: boolean;
}

/** `1-1.4`; `usb1` is a root hub, `1-1.4:1.0` an interface. */
const PORT = /^[0-9]+-[0-9]+(\.[0-9]+)*$/;

/** Everything that is plugged in, hubs too, by port. Throws `usb-none` on a machine without USB. */
export async function kernelDevices(folders: UsbFolders = SYSTEM_USB): Promise<KernelDevice[]> {
  let names: string[];
  try {
    names = await readdir(folders.devices);
  } catch (cause) {
    throw new AgentError("usb-none", folders.devices, { cause });
  }
  const ports = names.filter((name) => PORT.test(name)).sort(byPort);
  const found = await Promise.all(ports.map((port) => lookAt(port, names, folders)));
  return found.filter((one) => one !== null);
}

/** null: it went away meanwhile. */
async function lookAt(
  port: string,
  names: readonly string[],
  { devices, nodes }: UsbFolders,
): Promise<KernelDevice | null> {
  const folder = join(devices, port);
  const [vendorId, productId, deviceClass] = await Promise.all(
    ["idVendor", "idProduct", "bDeviceClass"].map((name) => hexOf(join(folder, name))),
  );
  const [bus, number] = await Promise.all(["busnum", "devnum"].map((name) => textOf(join(folder, name))));
  if (vendorId == null || productId == null || bus == null || number == null) return null;
  const claimedBy = new Map<number, string>();
  const interfaces: UsbInterface[] = [];
  for (const name of names.filter((one) => one.startsWith(`${port}:`)).sort()) {
    const one = await interfaceOf(join(devices, name));
    if (one === null) continue;
    interfaces.push(one);
    const driver = await readlink(join(devices, name, "driver")).catch(() => null);
    if (driver !== null) claimedBy.set(one.number, basename(driver));
  }
  const node = join(nodes, bus.padStart(3, "0"), number.padStart(3, "0"));
  return {
    device: {
      port,
      insertion: Number(number),
      vendorId,
      productId,
      deviceClass: deviceClass ?? 0,
      ...(await textsOf(folder)),
      interfaces,
    },
    claimedBy,
    mayOpen: await access(node, constants.R_OK | constants.W_OK).then(
      () => true,
      () => false,
    ),
  };
}

async function interfaceOf(folder: string): Promise<UsbInterface | null> {
  const [number, own, subclass, protocol] = await Promise.all(
    ["bInterfaceNumber", "bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol"].map((name) =>
      hexOf(join(folder, name)),
    ),
  );
  if (number == null || own == null || subclass == null || protocol == null) return null;
  const name = await textOf(join(folder, "interface"));
  return { number, class: own, subclass, protocol, ...(name === null ? {} : { name }), endpoints: [] };
}

async function textsOf(folder: string): Promise<Pick<UsbDevice, "manufacturer" | "product" | "serial">> {
  const texts: Pick<UsbDevice, "manufacturer" | "product" | "serial"> = {};
  for (const name of ["manufacturer", "product", "serial"] as const) {
    const text = await textOf(join(folder, name));
    if (text !== null) texts[name] = text;
  }
  return texts;
}

async function hexOf(path: string): Promise<number | null> {
  const text = await textOf(path);
  return text !== null && /^[0-9a-f]{1,4}$/i.test(text) ? Number.parseInt(text, 16) : null;
}

async function textOf(path: string): Promise<string | null> {
  return readFile(path, "utf8").then(
    (text) => text.replace(/\n$/, ""),
    () => null,
  );
}

/** `1-1.10` after `1-1.9`. */
function byPort(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

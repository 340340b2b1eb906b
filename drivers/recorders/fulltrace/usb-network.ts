import { lstatSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";

const USB_DEVICES = "/sys/bus/usb/devices";

/**
 * The network interface of a USB device, such as `usb0`; null: it has none (yet), or is gone.
 * It stands at `<port>/<port>:<configuration>.<interface>/net/<name>`.
 */
export function usbNetwork(port: string, usbDevices: string = USB_DEVICES): string | null {
  if (!/^\d{1,3}-\d{1,3}(\.\d{1,3}){0,6}$/.test(port)) return null;
  try {
    const device = realpathSync(join(usbDevices, port));
    for (const name of readdirSync(device).sort()) {
      const net = join(device, name, "net");
      if (!name.startsWith(`${port}:`) || !lstatSync(net, { throwIfNoEntry: false })?.isDirectory()) continue;
      const found = readdirSync(net).find((candidate) => /^[A-Za-z0-9_.-]{1,15}$/.test(candidate));
      if (found !== undefined) return found;
    }
  } catch {
    // unplugged while it was looked at
  }
  return null;
}

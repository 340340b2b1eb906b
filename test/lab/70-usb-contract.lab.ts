import { systemClock } from "../../config/base/clock.ts";
import { LibusbBus } from "../../drivers/usb/libusb/libusb-bus.ts";
import { usbContract } from "../contract/usb-link.ts";
import { askHost } from "./support/host.ts";

/** QEMU's disk over bulk-only transport. */
const DISK = { vendorId: 0x46f4, productId: 0x0001 };

let isIn = true;
usbContract("libusb on a disk that the host plugs", async () => ({
  bus: new LibusbBus({ clock: systemClock }),
  plug: async () => {
    if (!isIn) await askHost({ kind: "plug", device: "stick" });
    isIn = true;
  },
  unplug: async () => {
    await askHost({ kind: "unplug", device: "stick" });
    isIn = false;
  },
  isDisk: ({ vendorId, productId }) => vendorId === DISK.vendorId && productId === DISK.productId,
  end: async () => {
    if (!isIn) await askHost({ kind: "plug", device: "stick" });
  },
}));

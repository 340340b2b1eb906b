import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../../config/base/clock.ts";
import { LibusbBus, type LibusbBusOptions } from "../../../../drivers/usb/libusb/libusb-bus.ts";
import { usbContract } from "../../../contract/usb-link.ts";
import { FakeLibusb } from "../../../support/usb/fake-libusb.ts";
import { virtualDisk } from "../../../support/usb/virtual-disk.ts";

usbContract("node-usb's classic API", async () => {
  const devices = await mkdtemp(join(tmpdir(), "sys-"));
  await mkdir(join(devices, "2-3.1"));
  await writeFile(join(devices, "2-3.1/serial"), "0001\n");
  const libusb = new FakeLibusb();
  const load = (async () => libusb) as unknown as NonNullable<LibusbBusOptions["load"]>;
  return {
    bus: new LibusbBus({ clock: systemClock, load, devices }),
    plug: async () => libusb.plug(virtualDisk("Test    Disk            1.0", systemClock)),
    unplug: async () => libusb.unplug(),
    isDisk: (device) => device.port === "2-3.1",
    end: () => rm(devices, { recursive: true, force: true }),
  };
});

import { systemClock } from "../../config/base/clock.ts";
import { LibusbBus } from "../../drivers/usb/libusb/libusb-bus.ts";
import { usbContract } from "../contract/usb-link.ts";
import { COMPOSITE, CompositeCamera } from "./support/composite-camera.ts";

// The disk is the kernel's gadget: QEMU's own stalls where a disk waits for its next command.

usbContract("libusb on a disk behind the kernel's bus", async () => {
  const camera = new CompositeCamera();
  await camera.build(new Map(), ["mass_storage.0"]);
  return {
    bus: new LibusbBus({ clock: systemClock }),
    plug: () => camera.plug(),
    unplug: async () => camera.unplug(),
    isDisk: ({ serial }) => serial === COMPOSITE.serial,
    slowness: 10,
    end: () => camera.end(),
  };
});

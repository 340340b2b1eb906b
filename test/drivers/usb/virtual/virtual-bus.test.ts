import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../../config/base/clock.ts";
import { type Plugged, plugIn } from "../../../../drivers/usb/virtual/plug-in.ts";
import { VirtualBus } from "../../../../drivers/usb/virtual/virtual-bus.ts";
import { usbContract } from "../../../contract/usb-link.ts";
import { virtualDisk } from "../../../support/usb/virtual-disk.ts";

usbContract("sockets in a folder", async () => {
  const hub = await mkdtemp(join(tmpdir(), "hub-"));
  let plugged: Plugged | null = null;
  return {
    bus: new VirtualBus({ hub, clock: systemClock }),
    plug: async () => {
      plugged = await plugIn(
        hub,
        "1-1.4",
        virtualDisk("Test    Disk            1.0", systemClock),
        systemClock,
      );
    },
    unplug: async () => {
      await plugged?.unplug();
    },
    isDisk: () => true,
    end: async () => {
      await plugged?.unplug();
      await rm(hub, { recursive: true, force: true });
    },
  };
});

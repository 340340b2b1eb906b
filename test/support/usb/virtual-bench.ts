import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../config/base/clock.ts";
import { virtualDisk } from "../../../drivers/simulator/recorders/disk.ts";
import { type Plugged, plugIn } from "../../../drivers/usb/virtual/plug-in.ts";
import { VirtualBus } from "../../../drivers/usb/virtual/virtual-bus.ts";
import type { UsbBench } from "../../contract/usb/stage.ts";

/** The virtual bus over a folder of its own, for the contract. */
export async function virtualUsbBench(): Promise<UsbBench> {
  const hub = await mkdtemp(join(tmpdir(), "hub-"));
  const disk = virtualDisk("Test    Disk            1.0", systemClock);
  let plugged: Plugged | null = null;
  return {
    bus: new VirtualBus({ hub, clock: systemClock }),
    plug: async () => {
      plugged = await plugIn(hub, "1-1.4", disk, systemClock);
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
}

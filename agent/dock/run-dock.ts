import type { DockConfig } from "../../config/schema.ts";
import { startBroker } from "../broker.ts";
import type { Device } from "../device/device.ts";
import { runDevice } from "../device/run-device.ts";
import { sharingOf } from "../platform.ts";
import type { ShareSource } from "../records/sharing/live/sharer.ts";
import type { Surroundings } from "../surroundings.ts";
import { DockUnit } from "./dock-unit.ts";

/** Runs a docking station, with its embedded broker if it has one, until the signal aborts. */
export async function runDock(config: DockConfig, surroundings: Surroundings): Promise<void> {
  const broker = await startBroker(config, surroundings.log);
  try {
    await runDevice(config, surroundings, {
      isRecording: false,
      unit: (device) => new DockUnit(config, device, surroundings),
      sideWork: (device) => sharingOf(config, () => [ownLedger(device)], surroundings),
    });
  } finally {
    await broker?.close();
  }
}

function ownLedger({ ledger: { dev, dataDir }, reader }: Device): ShareSource {
  return { dev, dataDir, size: reader.size() };
}

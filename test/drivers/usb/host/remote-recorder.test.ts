import { after } from "node:test";
import { systemClock } from "../../../../config/base/clock.ts";
import type { RecorderDriver } from "../../../../drivers/recorders/recorder-driver.ts";
import { JieliRecorder } from "../../../../drivers/simulator/recorders/jieli.ts";
import type { VirtualDevice } from "../../../../drivers/simulator/virtual-device.ts";
import { recorderDriverContract } from "../../../contract/recorder-driver.ts";
import { trespasses } from "../../../support/recorders/jieli-manners.ts";
import { DRIVERS_SHIPPED, HostBench } from "../../../support/usb/host-bench.ts";
import { cardUnderTest, simulatedMtp } from "../../recorders/mtp/simulated.ts";

let started: Promise<HostBench> | null = null;
let ports = 0;

after(async () => (await started)?.end());

/** Plugs it into the one hub of this file. */
async function docked(device: VirtualDevice) {
  started ??= HostBench.start(undefined, 10_000, DRIVERS_SHIPPED);
  const bench = await started;
  const port = `1-${++ports}`;
  const plug = async (): Promise<RecorderDriver> => bench.open((await bench.plugDevice(port, device)).device);
  return { driver: await plug(), plug, pull: () => bench.unplug(port) };
}

recorderDriverContract("mtp, in the USB process", async (files) => {
  const device = simulatedMtp(files);
  const { driver, plug, pull } = await docked(device);
  return {
    driver,
    card: cardUnderTest(device),
    clockMs: () => systemClock.utcMs() + device.recorder.clockErrorMs,
    hang: () => device.hang(),
    unplug: () => {
      device.unplug();
      void pull();
    },
    replug: async () => {
      await pull();
      device.plug();
      return plug();
    },
    dispose: pull,
  };
});

recorderDriverContract("gat947-jieli, in the USB process", async () => {
  const device = new JieliRecorder(systemClock);
  const { driver, plug, pull } = await docked(device);
  return {
    driver,
    clockMs: () => device.clockMs(),
    hang: () => {
      device.fault = { kind: "silence" };
    },
    trespasses: () => trespasses(device),
    unplug: () => {
      device.unplug();
      void pull();
    },
    replug: async () => {
      await pull();
      device.plugIn();
      return plug();
    },
    dispose: pull,
  };
});

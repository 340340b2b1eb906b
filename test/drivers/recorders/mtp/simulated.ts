import { systemClock } from "../../../../config/base/clock.ts";
import { type MtpOptions, openMtp } from "../../../../drivers/recorders/mtp/mtp-driver.ts";
import type { RecorderDriver } from "../../../../drivers/recorders/recorder-driver.ts";
import type { MtpBehaviour } from "../../../../drivers/simulator/recorders/mtp/behaviour.ts";
import { inMemory, SimulatedCard } from "../../../../drivers/simulator/recorders/mtp/card.ts";
import { SimulatedMtp } from "../../../../drivers/simulator/recorders/mtp.ts";
import type { UsbLink } from "../../../../drivers/usb/usb-link.ts";
import type { CardFile, CardUnderTest, MakeRecorder } from "../../../contract/recorder/under-test.ts";

export function cardOf(files: readonly CardFile[]): SimulatedCard {
  const card = new SimulatedCard();
  for (const { path, bytes, modifiedMs } of files) card.put(path, inMemory(bytes), modifiedMs);
  return card;
}

export function simulatedMtp(
  files: readonly CardFile[],
  behaviour: Partial<MtpBehaviour> = {},
): SimulatedMtp {
  return new SimulatedMtp({ card: cardOf(files), clock: systemClock, behaviour });
}

export function openSimulated(
  device: SimulatedMtp,
  options: Partial<MtpOptions> = {},
): Promise<RecorderDriver> {
  const plugged = { ...device.descriptors, port: "1-1", insertion: 1 };
  return openMtp(intoMemory(device.open()), plugged, { clock: systemClock, ...options });
}

/** As libusb does it: what comes lies in the memory that was given, over what lay there before. */
function intoMemory(link: UsbLink): UsbLink {
  return {
    controlIn: (setup, length, timeoutMs) => link.controlIn(setup, length, timeoutMs),
    controlOut: (setup, bytes, timeoutMs) => link.controlOut(setup, bytes, timeoutMs),
    bulkIn: async (endpoint, length, timeoutMs, memory) => {
      const come = await link.bulkIn(endpoint, length, timeoutMs);
      if (memory === undefined) return come;
      memory.set(come);
      return memory.subarray(0, come.length);
    },
    bulkOut: (endpoint, bytes, timeoutMs, endShort) => link.bulkOut(endpoint, bytes, timeoutMs, endShort),
    clearHalt: (endpoint) => link.clearHalt(endpoint),
    reset: () => link.reset(),
    close: () => link.close(),
  };
}

/** Its card, for the contract. */
export function cardUnderTest(device: SimulatedMtp): CardUnderTest {
  const { card } = device.recorder;
  return {
    bytesOf: (path) => {
      const content = card.at(path)?.content;
      return content === undefined || content === null ? null : content.read(0, content.bytes);
    },
    replace: ({ path, bytes, modifiedMs }) => void card.put(path, inMemory(bytes), modifiedMs),
    unplugAfter: (bytes) => device.unplugAfter(bytes),
  };
}

/** For the contract: a recorder of that behaviour. */
export function makeMtp(behaviour: Partial<MtpBehaviour>): MakeRecorder {
  return async (files) => {
    const device = simulatedMtp(files, behaviour);
    return {
      driver: await openSimulated(device),
      card: cardUnderTest(device),
      clockMs: () => device.clockMs(),
      hang: () => device.hang(),
      unplug: () => device.unplug(),
      replug: () => {
        device.plug();
        return openSimulated(device);
      },
      dispose: async () => device.unplug(),
    };
  };
}

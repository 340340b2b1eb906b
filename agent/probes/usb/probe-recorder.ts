import { realpath } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../../config/base/clock.ts";
import { Counters } from "../../../config/base/counters.ts";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import { openMassStorage } from "../../../drivers/recorders/mass-storage/mass-storage.ts";
import type { CardMounter } from "../../../drivers/recorders/mass-storage/mount/card.ts";
import { FolderMounter } from "../../../drivers/recorders/mass-storage/mount/folder-mounter.ts";
import { OsMounter } from "../../../drivers/recorders/mass-storage/mount/os-mounter.ts";
import type { DriverName, RecorderDriver } from "../../../drivers/recorders/recorder-driver.ts";
import { findDriver } from "../../../drivers/usb/fingerprints.ts";
import { DRIVER_TABLE } from "../../../drivers/usb/host/driver-table.ts";
import { inquiryText } from "../../../drivers/usb/host/process/inquiry.ts";
import { asRecorderError } from "../../../drivers/usb/host/process/open-recorder.ts";
import { LibusbBus } from "../../../drivers/usb/libusb/libusb-bus.ts";
import type { UsbBus, UsbDevice } from "../../../drivers/usb/usb-link.ts";
import { VirtualBus } from "../../../drivers/usb/virtual/virtual-bus.ts";
import type { UsbPlace } from "./bus-watch.ts";
import { kernelDevices } from "./kernel-view.ts";
import { kernelKnows } from "./seen-device.ts";

/** What a recorder says of itself. */
export interface RecorderAnswers {
  driver: DriverName;
  family: string;
  serial: string;
  model: string;
  firmware?: string;
  capabilities: string[];
  battery_pct?: number;
  battery_mv?: number;
  charging?: boolean;
  /** How far its clock is ahead of this machine's. */
  clock_offset_ms?: number;
  wearer?: string;
  card?: { files: number; bytes: number; skipped: number };
  /** Why the card was not looked at, as a code. */
  card_trouble?: string;
}

export interface ProbeParts {
  clock: Clock;
  /** Of a recorder's clock that has no zone, minutes east of UTC. */
  utcOffsetMin?: number;
  countFiles: boolean;
}

/** A disk that the system mounts is mounted soon after it was plugged in. */
const MOUNTED_WITHIN_MS = 1_000;

/**
 * Asks the recorder in `port` by itself; nothing on it is set, written or removed. Throws `usb-none`,
 * `usb-unavailable`, `usb-port-empty`, `not-a-recorder`, `usb-access`, `usb-busy` when another program holds it,
 * or a `recorder-…` code.
 */
export async function probeRecorder(
  place: UsbPlace,
  port: string,
  parts: ProbeParts,
  signal: AbortSignal,
): Promise<RecorderAnswers> {
  const { bus, known, warnings } = await busOf(place, port, parts.clock);
  const watching = new AbortController();
  try {
    const device = await deviceIn(bus, port, watching.signal);
    if (device === null) throw missing(port, warnings);
    const finding = await findDriver(
      device,
      async (number) =>
        (await known(device, number)) ?? (await inquiryText(bus, device, number, parts.clock)),
    );
    switch (finding.kind) {
      case "refused":
        throw new AgentError("not-a-recorder", `${port}: ${finding.reason}`);
      case "unreadable":
      case "other":
        throw new AgentError("not-a-recorder", port);
      case "recorder": {
        const { driver: name, family, interfaceNumber } = finding;
        const answers = { driver: name, family };
        if (name === "mass-storage") return { ...answers, ...(await askDisk(place, device, parts, signal)) };
        const opener = DRIVER_TABLE[name];
        // it speaks over the network that its dock gives it
        if (opener === undefined) return { ...answers, ...descriptorsOf(device), capabilities: [] };
        const link = await bus.open(device, interfaceNumber);
        const { utcOffsetMin } = parts;
        const driver = await opener(link, device, utcOffsetMin === undefined ? {} : { utcOffsetMin });
        return { ...answers, ...(await askAll(driver, parts, signal)) };
      }
    }
  } catch (error) {
    throw asRecorderError(error);
  } finally {
    watching.abort();
    await bus.close();
  }
}

interface OpenedBus {
  bus: UsbBus;
  known: (device: UsbDevice, interfaceNumber: number) => Promise<string | null>;
  warnings: { code: string; place: string }[];
}

async function busOf(place: UsbPlace, port: string, clock: Clock): Promise<OpenedBus> {
  const warnings: OpenedBus["warnings"] = [];
  const warn = (warning: { code: string; place: string }) => void warnings.push(warning);
  switch (place.bus) {
    case "virtual":
      return { bus: new VirtualBus({ hub: place.hub, clock, warn }), known: async () => null, warnings };
    case "kernel": {
      // libusb is loaded for what is there only
      const seen = await kernelDevices(place.folders);
      if (!seen.some(({ device }) => device.port === port)) throw new AgentError("usb-port-empty", port);
      return { bus: new LibusbBus({ clock, warn }), known: kernelKnows, warnings };
    }
  }
}

/** null: nothing is plugged in there, as far as this bus can see. */
async function deviceIn(bus: UsbBus, port: string, signal: AbortSignal): Promise<UsbDevice | null> {
  let found: UsbDevice | null = null;
  await bus.watch(({ kind, device }) => {
    if (kind === "attached" && device.port === port) found = device;
  }, signal);
  return found;
}

function missing(port: string, warnings: OpenedBus["warnings"]): AgentError {
  const cause = warnings.find(({ code }) => code === "usb-unavailable");
  return cause === undefined
    ? new AgentError("usb-port-empty", port)
    : new AgentError(cause.code, cause.place);
}

/** A disk: by its card where that is mounted read-only, else by its descriptors. Nothing is mounted for it. */
async function askDisk(
  place: UsbPlace,
  device: UsbDevice,
  parts: ProbeParts,
  signal: AbortSignal,
): Promise<Omit<RecorderAnswers, "driver" | "family">> {
  try {
    const mounter = await mounterOf(place, device.port, parts.clock);
    const { utcOffsetMin } = parts;
    const options = { mounter, device, mayRemove: false };
    const driver = await openMassStorage(
      utcOffsetMin === undefined ? options : { ...options, utcOffsetMin },
      signal,
    );
    return await askAll(driver, parts, signal);
  } catch (error) {
    if (!errorCode(error).startsWith("card-")) throw error;
    return { ...descriptorsOf(device), capabilities: [], card_trouble: errorCode(error) };
  }
}

async function mounterOf(place: UsbPlace, port: string, clock: Clock): Promise<CardMounter> {
  if (place.bus === "kernel") {
    return new OsMounter({ clock, counters: new Counters(), appearMs: MOUNTED_WITHIN_MS });
  }
  const folder = await realpath(join(place.hub, `${port}.card`)).catch((cause: unknown) => {
    throw new AgentError("card-missing", port, { cause });
  });
  return new FolderMounter(folder, "local");
}

function descriptorsOf({ manufacturer, product, serial }: UsbDevice): { serial: string; model: string } {
  return { serial: serial ?? "", model: [manufacturer, product].filter(Boolean).join(" ") };
}

/** Everything that it can tell; it is closed however that ends. */
async function askAll(
  driver: RecorderDriver,
  { clock, countFiles }: ProbeParts,
  signal: AbortSignal,
): Promise<Omit<RecorderAnswers, "driver" | "family">> {
  const can = driver.capabilities;
  try {
    const { serial, model, firmware } = await driver.identify(signal);
    const battery = can.has("battery") ? await driver.battery(signal) : null;
    const offsetMs = can.has("clock-read") ? await clockOffsetMs(driver, clock, signal) : null;
    const wearer = can.has("wearer-read") ? await driver.readWearer(signal) : null;
    const card = countFiles && can.has("files") ? await countCard(driver, signal) : null;
    return {
      serial,
      model,
      ...(firmware === undefined ? {} : { firmware }),
      capabilities: [...can],
      ...(battery === null ? {} : { battery_pct: battery.percent }),
      ...(battery?.milliVolts === undefined ? {} : { battery_mv: battery.milliVolts }),
      ...(battery?.charging === undefined ? {} : { charging: battery.charging }),
      ...(offsetMs === null ? {} : { clock_offset_ms: offsetMs }),
      ...(wearer === null || wearer.id === "" ? {} : { wearer: wearer.id }),
      ...(card === null ? {} : { card }),
    };
  } finally {
    await driver.close();
  }
}

/** Against the middle of the question: half of its time has passed when the recorder looks at its clock. */
async function clockOffsetMs(driver: RecorderDriver, clock: Clock, signal: AbortSignal): Promise<number> {
  const askedMs = clock.utcMs();
  const shownMs = await driver.readClock(signal);
  return Math.round(shownMs - (askedMs + clock.utcMs()) / 2);
}

async function countCard(
  driver: RecorderDriver,
  signal: AbortSignal,
): Promise<{ files: number; bytes: number; skipped: number }> {
  const card = { files: 0, bytes: 0, skipped: 0 };
  for await (const listed of driver.list(signal)) {
    if (listed.kind === "skipped") card.skipped++;
    else {
      card.files++;
      card.bytes += listed.file.bytes;
    }
  }
  return card;
}

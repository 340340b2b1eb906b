import { lstat, readdir } from "node:fs/promises";
import type { Clock } from "../../../config/base/clock.ts";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { Config } from "../../../config/schema.ts";
import type { UsbDevice } from "../../../drivers/usb/usb-link.ts";
import { VirtualBus } from "../../../drivers/usb/virtual/virtual-bus.ts";
import { kernelDevices, SYSTEM_USB, type UsbFolders } from "./kernel-view.ts";
import { kernelKnows, type SeenDevice, seenDevice } from "./seen-device.ts";

/** Which ports are looked at. */
export type UsbPlace =
  | { bus: "kernel"; folders: UsbFolders }
  /** A folder in which each socket is a device that is plugged in. */
  | { bus: "virtual"; hub: string };

export interface UsbChangeSeen {
  change: "attached" | "detached";
  device: SeenDevice;
}

/** A hand that puts a recorder in and out again is slower. */
const LOOK_EVERY_MS = 250;

/** The ports that a configuration means: those of the machine, unless a dock has virtual ones. */
export function placeOf(config: Config | null, folders: UsbFolders = SYSTEM_USB): UsbPlace {
  const hub = config?.role === "dock" ? config.dock.hub : undefined;
  return hub === undefined ? { bus: "kernel", folders } : { bus: "virtual", hub };
}

/** The name of the bay at a port; undefined: the configuration has none there. */
export function bayAt(config: Config | null, port: string): string | undefined {
  return config?.role === "dock" ? config.dock.bays.find((bay) => bay.port === port)?.name : undefined;
}

/** What is plugged in. Throws `usb-none`, or `usb-hub-missing` for a virtual hub that is not there. */
export async function listUsb(place: UsbPlace, config: Config | null, clock: Clock): Promise<SeenDevice[]> {
  switch (place.bus) {
    case "kernel":
      return (await kernelSnapshot(place.folders, config)).map(({ seen }) => seen);
    case "virtual": {
      const devices: UsbDevice[] = [];
      await withVirtualBus(place.hub, clock, async (bus, signal) => {
        await bus.watch((change) => {
          if (change.kind === "attached") devices.push(change.device);
        }, signal);
      });
      const seen = await Promise.all(devices.map((device) => virtualSeen(device, config)));
      return seen.sort((a, b) => a.port.localeCompare(b.port, "en", { numeric: true }));
    }
  }
}

/** Tells what is there and then what comes and goes, until the signal aborts. Throws as `listUsb`. */
export async function watchUsb(
  place: UsbPlace,
  config: Config | null,
  onChange: (change: UsbChangeSeen) => void,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  switch (place.bus) {
    case "kernel":
      return await watchKernel(place.folders, config, onChange, { clock, signal });
    case "virtual":
      return await withVirtualBus(place.hub, clock, async (bus) => {
        // one after the other, so that none overtakes another
        let told: Promise<void> = Promise.resolve();
        await bus.watch(({ kind, device }) => {
          told = told.then(async () => onChange({ change: kind, device: await virtualSeen(device, config) }));
        }, signal);
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
        await told;
      });
  }
}

interface Snapshot {
  /** The same device in the same port until it is plugged in anew. */
  key: string;
  seen: SeenDevice;
}

async function watchKernel(
  folders: UsbFolders,
  config: Config | null,
  onChange: (change: UsbChangeSeen) => void,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  let before = new Map<string, SeenDevice>();
  while (!signal.aborted) {
    const now = new Map((await kernelSnapshot(folders, config)).map(({ key, seen }) => [key, seen]));
    for (const [key, device] of before) if (!now.has(key)) onChange({ change: "detached", device });
    for (const [key, device] of now) if (!before.has(key)) onChange({ change: "attached", device });
    before = now;
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => {});
  }
}

async function kernelSnapshot(folders: UsbFolders, config: Config | null): Promise<Snapshot[]> {
  return await Promise.all(
    (await kernelDevices(folders)).map(async ({ device, claimedBy, mayOpen }) => {
      const bay = bayAt(config, device.port);
      const circumstances = { claimedBy, mayOpen, known: kernelKnows, ...(bay === undefined ? {} : { bay }) };
      return {
        key: `${device.port} ${device.insertion}`,
        seen: await seenDevice(device, circumstances),
      };
    }),
  );
}

function virtualSeen(device: UsbDevice, config: Config | null): Promise<SeenDevice> {
  const bay = bayAt(config, device.port);
  const claimedBy = new Map<number, string>();
  return seenDevice(device, { claimedBy, known: async () => null, ...(bay === undefined ? {} : { bay }) });
}

/** Looking claims nothing: several may look at a virtual hub, a dock among them. */
async function withVirtualBus<T>(
  hub: string,
  clock: Clock,
  work: (bus: VirtualBus, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  await requireFolder(hub);
  const looking = new AbortController();
  const bus = new VirtualBus({ hub, clock });
  try {
    return await work(bus, looking.signal);
  } finally {
    looking.abort();
    await bus.close();
  }
}

/** A bus makes a hub that is not there: a probe changes nothing. */
async function requireFolder(hub: string): Promise<void> {
  try {
    if (!(await lstat(hub)).isDirectory()) throw new Error("no folder");
    await readdir(hub);
  } catch (cause) {
    throw new AgentError("usb-hub-missing", `${hub}: ${errorCode(cause)}`, { cause });
  }
}

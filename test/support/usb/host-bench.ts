import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../config/base/clock.ts";
import { systemRandom } from "../../../config/base/random.ts";
import type { RecorderDriver } from "../../../drivers/recorders/recorder-driver.ts";
import type { VirtualDevice } from "../../../drivers/simulator/virtual-device.ts";
import type { QuarantineLimits } from "../../../drivers/usb/host/quarantine.ts";
import { UsbHost, type UsbHostEvent } from "../../../drivers/usb/host/usb-host.ts";
import type { BusChoice } from "../../../drivers/usb/host/usb-messages.ts";
import type { UsbDevice } from "../../../drivers/usb/usb-link.ts";
import { type Plugged, plugIn } from "../../../drivers/usb/virtual/plug-in.ts";
import { eventually } from "../waiting.ts";
import { testRecorderDevice } from "./test-recorder.ts";

const PROGRAM = new URL("./test-usb-process.js", import.meta.url);
/** The program with the drivers that everybody gets. */
export const DRIVERS_SHIPPED = new URL("../../../drivers/usb/host/usb-process.js", import.meta.url);
const NEVER = new AbortController().signal;

/** A host with the test's driver, over a hub in a folder of its own. */
export class HostBench {
  readonly folder: string;
  readonly hub: string;
  readonly events: UsbHostEvent[];
  readonly host: UsbHost;
  readonly #plugged = new Map<string, Plugged>();

  private constructor(folder: string, host: UsbHost, events: UsbHostEvent[]) {
    this.folder = folder;
    this.hub = join(folder, "hub");
    this.host = host;
    this.events = events;
  }

  static async start(
    bus?: BusChoice,
    pingTimeoutMs = 10_000,
    program = PROGRAM,
    quarantine?: QuarantineLimits,
  ): Promise<HostBench> {
    const folder = await mkdtemp(join(tmpdir(), "usb-"));
    const events: UsbHostEvent[] = [];
    const host = await UsbHost.start({
      bus: bus ?? { bus: "virtual", hub: join(folder, "hub") },
      folder: join(folder, "run"),
      clock: systemClock,
      random: systemRandom,
      onEvent: (event) => events.push(event),
      program,
      pingTimeoutMs,
      ...(quarantine === undefined ? {} : { quarantine }),
    });
    return new HostBench(folder, host, events);
  }

  /** Plugs a recorder in; its device, once the host has told of it. */
  plug(port: string, serial = port): Promise<{ device: UsbDevice; plugged: Plugged }> {
    return this.plugDevice(port, testRecorderDevice(serial, systemClock));
  }

  async plugDevice(port: string, virtual: VirtualDevice): Promise<{ device: UsbDevice; plugged: Plugged }> {
    const before = this.events.length;
    const plugged = await plugIn(this.hub, port, virtual, systemClock);
    this.#plugged.set(port, plugged);
    return { device: await this.attached(port, before), plugged };
  }

  async unplug(port: string): Promise<void> {
    await this.#plugged.get(port)?.unplug();
  }

  /** The device that the host has told of for this port, from event `from` on. */
  async attached(port: string, from = 0): Promise<UsbDevice> {
    const found = (): UsbDevice | undefined =>
      this.events
        .slice(from)
        .flatMap((event) => (event.kind === "attached" && event.device.port === port ? [event.device] : []))
        .at(-1);
    await eventually(`a device at ${port}`, () => found() !== undefined);
    return found() as UsbDevice;
  }

  open(device: UsbDevice): Promise<RecorderDriver> {
    return this.host.open(device, {}, NEVER);
  }

  async end(): Promise<void> {
    await this.host.stop();
    for (const plugged of this.#plugged.values()) await plugged.unplug();
    await rm(this.folder, { recursive: true, force: true });
  }
}

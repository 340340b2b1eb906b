import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../config/base/clock.ts";
import { systemRandom } from "../../../config/base/random.ts";
import type { RecorderDriver } from "../../../drivers/recorders/recorder-driver.ts";
import { UsbHost, type UsbHostEvent } from "../../../drivers/usb/host/usb-host.ts";
import type { BusChoice } from "../../../drivers/usb/host/usb-messages.ts";
import type { UsbDevice } from "../../../drivers/usb/usb-link.ts";
import { type Plugged, plugIn } from "../../../drivers/usb/virtual/plug-in.ts";
import { eventually } from "../waiting.ts";
import { testRecorderDevice } from "./test-recorder.ts";

const PROGRAM = new URL("./test-usb-process.js", import.meta.url);
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

  static async start(bus?: BusChoice, pingTimeoutMs = 10_000): Promise<HostBench> {
    const folder = await mkdtemp(join(tmpdir(), "usb-"));
    const events: UsbHostEvent[] = [];
    const host = await UsbHost.start({
      bus: bus ?? { bus: "virtual", hub: join(folder, "hub") },
      folder: join(folder, "run"),
      clock: systemClock,
      random: systemRandom,
      onEvent: (event) => events.push(event),
      program: PROGRAM,
      pingTimeoutMs,
    });
    return new HostBench(folder, host, events);
  }

  /** Plugs a recorder in; its device, once the host has told of it. */
  async plug(port: string, serial = port): Promise<{ device: UsbDevice; plugged: Plugged }> {
    const before = this.events.length;
    const plugged = await plugIn(this.hub, port, testRecorderDevice(serial, systemClock), systemClock);
    this.#plugged.set(port, plugged);
    return { device: await this.attached(port, before), plugged };
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

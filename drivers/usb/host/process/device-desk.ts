import { systemClock } from "../../../../config/base/clock.ts";
import { AgentError, errorCode } from "../../../../config/base/errors.ts";
import { systemRandom, uuid } from "../../../../config/base/random.ts";
import type { RecorderDriver, RecorderFile } from "../../../recorders/recorder-driver.ts";
import { type Finding, findDriver } from "../../fingerprints.ts";
import type { UsbBus, UsbChange, UsbDevice, UsbLink } from "../../usb-link.ts";
import type { DriverTable, RecorderOptions } from "../driver-table.ts";
import type { OpenedRecorder, UsbProcessEvent } from "../usb-messages.ts";
import { inquiryText } from "./inquiry.ts";
import { asRecorderError, OpenRecorder } from "./open-recorder.ts";

/** No dock has more ports; what a hub adds beyond is not looked at. */
const MAX_DEVICES = 256;

/** What the system has already asked; null: nothing, it is asked over a link. */
export type KnownInquiry = (device: UsbDevice, interfaceNumber: number) => Promise<string | null>;

interface Present {
  device: UsbDevice;
  finding: Finding | null;
}

/** What is plugged in, and which of it is spoken to. */
export class DeviceDesk {
  readonly #bus: UsbBus;
  readonly #known: KnownInquiry;
  readonly #drivers: DriverTable;
  readonly #emit: (event: UsbProcessEvent) => void;
  readonly #held: Set<string>;
  /** In ports that are left alone, by insertion. */
  readonly #waiting = new Map<number, UsbDevice>();
  readonly #present = new Map<number, Present>();
  readonly #recorders = new Map<string, OpenRecorder>();

  constructor(
    { bus, known, held }: { bus: UsbBus; known: KnownInquiry; held: readonly string[] },
    drivers: DriverTable,
    emit: (event: UsbProcessEvent) => void,
  ) {
    this.#bus = bus;
    this.#known = known;
    this.#held = new Set(held);
    this.#drivers = drivers;
    this.#emit = emit;
  }

  onChange(change: UsbChange): void {
    switch (change.kind) {
      case "attached":
        if (this.#held.has(change.device.port)) this.#hold(change.device);
        else void this.#attach(change.device);
        return;
      case "detached":
        void this.#detach(change.device.insertion);
        return;
    }
  }

  /** A port is left alone no longer. */
  admit(port: string): void {
    this.#held.delete(port);
    for (const [insertion, device] of this.#waiting) {
      if (device.port !== port) continue;
      this.#waiting.delete(insertion);
      void this.#attach(device);
    }
  }

  /** Throws `recorder-gone`, `unsupported` where no driver of this process speaks with it, or what opening throws. */
  async open(insertion: number, options: RecorderOptions): Promise<OpenedRecorder> {
    const present = this.#present.get(insertion);
    if (present === undefined) throw new AgentError("recorder-gone", `insertion ${insertion}`);
    const { device, finding } = present;
    const opener = finding?.kind === "recorder" ? this.#drivers[finding.driver] : undefined;
    if (finding?.kind !== "recorder" || opener === undefined)
      throw new AgentError("unsupported", `${device.port}: no driver over a link`);
    const recorder = await this.#speak(present.device, finding.interfaceNumber, (usb) =>
      opener(usb, device, options),
    );
    const link = uuid(systemRandom);
    this.#recorders.set(link, recorder);
    if (!this.#present.has(insertion)) {
      await this.close(link);
      throw new AgentError("recorder-gone", device.port);
    }
    const { name, capabilities } = recorder.driver;
    return { link, name, capabilities: [...capabilities] };
  }

  /** The driver owns the link, unless it cannot be made. */
  async #speak(
    device: UsbDevice,
    interfaceNumber: number,
    make: (usb: UsbLink) => RecorderDriver | Promise<RecorderDriver>,
  ): Promise<OpenRecorder> {
    try {
      const usb = await this.#bus.open(device, interfaceNumber);
      try {
        return new OpenRecorder(await make(usb), device.insertion, systemClock);
      } catch (error) {
        await usb.close();
        throw error;
      }
    } catch (error) {
      throw asRecorderError(error);
    }
  }

  /** Throws `recorder-gone` for a link that is not open. */
  recorder(link: string): OpenRecorder {
    const recorder = this.#recorders.get(link);
    if (recorder === undefined) throw new AgentError("recorder-gone", `link ${link.slice(0, 64)}`);
    return recorder;
  }

  read(
    link: string,
  ): (file: RecorderFile, offset: number, length: number, signal: AbortSignal) => AsyncIterable<Uint8Array> {
    const recorder = this.recorder(link);
    return (file, offset, length, signal) => recorder.read(file, offset, length, signal);
  }

  async close(link: string): Promise<void> {
    const recorder = this.#recorders.get(link);
    this.#recorders.delete(link);
    await recorder?.close();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#recorders.keys()].map((link) => this.close(link)));
  }

  #hold(device: UsbDevice): void {
    if (this.#isFull(device)) return;
    this.#waiting.set(device.insertion, device);
    this.#emit({ kind: "held", device });
  }

  #isFull({ port }: UsbDevice): boolean {
    if (this.#present.size + this.#waiting.size < MAX_DEVICES) return false;
    this.#emit({ kind: "warning", code: "usb-too-many", place: port });
    return true;
  }

  async #attach(device: UsbDevice): Promise<void> {
    if (this.#isFull(device)) return;
    const present: Present = { device, finding: null };
    this.#present.set(device.insertion, present);
    this.#emit({ kind: "looking", device });
    const finding = await this.#find(device);
    // it may have gone while it was asked
    if (!this.#present.has(device.insertion)) return;
    present.finding = finding;
    this.#emit({ kind: "attached", device, finding });
  }

  async #find(device: UsbDevice): Promise<Finding> {
    try {
      return await findDriver(
        device,
        async (interfaceNumber) =>
          (await this.#known(device, interfaceNumber)) ??
          (await inquiryText(this.#bus, device, interfaceNumber, systemClock)),
      );
    } catch (error) {
      const place = error instanceof AgentError ? error.place : device.port;
      return { kind: "unreadable", code: errorCode(error), place };
    }
  }

  async #detach(insertion: number): Promise<void> {
    const present = this.#present.get(insertion);
    this.#present.delete(insertion);
    const isHeld = this.#waiting.delete(insertion);
    if (isHeld || present !== undefined) this.#emit({ kind: "detached", insertion });
    const links = [...this.#recorders].filter(([, recorder]) => recorder.insertion === insertion);
    await Promise.all(links.map(([link]) => this.close(link)));
  }
}

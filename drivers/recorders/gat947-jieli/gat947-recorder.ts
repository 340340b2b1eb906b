import { type Clock, systemClock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { UsbDevice, UsbLink } from "../../usb/usb-link.ts";
import type {
  BatteryLevel,
  Capability,
  DriverName,
  Listed,
  RecorderDriver,
  RecorderIdentity,
  Wearer,
} from "../recorder-driver.ts";
import { BulkOnlyTransport, bulkOnlyInterface } from "../scsi/bulk-only-transport.ts";
import { ScsiUnit } from "../scsi/scsi-unit.ts";
import { deviceTime } from "./device-time.ts";
import { Gat947Device } from "./gat947-device.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { serialOf, wearerOf, withWearer } from "./recorder-info.ts";

/** China has one zone and no summer time. */
const CHINA_UTC_OFFSET_MIN = 480;
const MAX_SERIAL_LETTERS = 64;

export interface Gat947Options {
  /** Zone of the recorder's clock, minutes east of UTC; 480 by default. */
  utcOffsetMin?: number;
  clock?: Clock;
}

/**
 * Connects to a recorder with a JieLi chip over its claimed disk interface: GA/T 947.4-2015 `Init_Device`. The driver
 * owns the link, and closes it if it cannot connect. Throws `unsupported` for a device without such an interface, and
 * what `RecorderDriver` throws.
 */
export async function openGat947(
  link: UsbLink,
  device: UsbDevice,
  { utcOffsetMin = CHINA_UTC_OFFSET_MIN, clock = systemClock }: Gat947Options = {},
): Promise<RecorderDriver> {
  try {
    const unit = new ScsiUnit(new BulkOnlyTransport(link, bulkOnlyInterface(device), clock));
    const recorder = new Gat947Device(unit);
    await recorder.initDevice(new AbortController().signal);
    return new Gat947Recorder(link, recorder, device.serial ?? "", utcOffsetMin);
  } catch (error) {
    await link.close();
    throw error;
  }
}

class Gat947Recorder implements RecorderDriver {
  readonly name: DriverName = "gat947-jieli";
  readonly capabilities: ReadonlySet<Capability> = new Set<Capability>([
    "battery",
    "clock-set",
    "wearer-read",
    "wearer-write",
    "switch-to-disk",
  ]);
  readonly #link: UsbLink;
  readonly #recorder: Gat947Device;
  readonly #usbSerial: string;
  readonly #utcOffsetMin: number;
  readonly #calls = new OneAtATime();

  constructor(link: UsbLink, recorder: Gat947Device, usbSerial: string, utcOffsetMin: number) {
    this.#link = link;
    this.#recorder = recorder;
    this.#usbSerial = usbSerial;
    this.#utcOffsetMin = utcOffsetMin;
  }

  /**
   * The id code names maker and model only, so the product serial follows it; where the maker left that blank, the
   * serial of the USB descriptor.
   */
  identify(signal: AbortSignal): Promise<RecorderIdentity> {
    return this.#calls.run(signal, async (limited) => {
      const { vendor, product, revision } = await this.#recorder.inquiry(limited);
      const idCode = await this.#recorder.getIdCode(limited);
      const serial = serialOf(await this.#recorder.getZfyInfo(limited)) || harmless(this.#usbSerial);
      const model = [vendor, product].filter((part) => part !== "").join(" ");
      return {
        serial: [idCode, serial]
          .filter((part) => part !== "")
          .join("-")
          .slice(0, MAX_SERIAL_LETTERS),
        model: model === "" ? "JieLi" : model,
        ...(revision === "" ? {} : { firmware: revision }),
      };
    });
  }

  battery(signal: AbortSignal): Promise<BatteryLevel> {
    return this.#calls.run(signal, async (limited) => ({
      percent: await this.#recorder.readDeviceBatteryDumpEnergy(limited),
    }));
  }

  setClock(utcMs: number, signal: AbortSignal): Promise<void> {
    const time = deviceTime(utcMs, this.#utcOffsetMin);
    return this.#calls.run(signal, (limited) => this.#recorder.syncDevTime(time, limited));
  }

  readWearer(signal: AbortSignal): Promise<Wearer> {
    return this.#calls.run(signal, async (limited) => wearerOf(await this.#recorder.getZfyInfo(limited)));
  }

  /** Throws `wearer-unfit` too, before anything is written. */
  writeWearer(wearer: Wearer, signal: AbortSignal): Promise<void> {
    return this.#calls.run(signal, async (limited) => {
      const info = withWearer(await this.#recorder.getZfyInfo(limited), wearer);
      await this.#recorder.writeZfyInfo(info, limited);
    });
  }

  switchToDisk(signal: AbortSignal): Promise<void> {
    return this.#calls.run(signal, (limited) => this.#recorder.setMsdc(limited));
  }

  readClock(signal: AbortSignal): Promise<number> {
    return this.#unsupported("clock-read", signal);
  }

  list(signal: AbortSignal): AsyncIterable<Listed> {
    return this.#nothing("files", signal);
  }

  sourceOf(): null {
    return null;
  }

  read(_file: unknown, _offset: number, _length: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#nothing("files", signal);
  }

  remove(_file: unknown, signal: AbortSignal): Promise<void> {
    return this.#unsupported("remove", signal);
  }

  showLamp(_lamp: unknown, signal: AbortSignal): Promise<void> {
    return this.#unsupported("lamp", signal);
  }

  restart(signal: AbortSignal): Promise<void> {
    return this.#unsupported("restart", signal);
  }

  async close(): Promise<void> {
    this.#calls.close();
    await this.#link.close();
  }

  async #unsupported(what: Capability, signal: AbortSignal): Promise<never> {
    signal.throwIfAborted();
    throw new AgentError("unsupported", `${this.name}: ${what}`);
  }

  #nothing(what: Capability, signal: AbortSignal): AsyncIterable<never> {
    return { [Symbol.asyncIterator]: () => ({ next: () => this.#unsupported(what, signal) }) };
  }
}

/** A descriptor is a claim too: printable ASCII of it. */
function harmless(text: string): string {
  return text.replace(/[^!-~]/g, "");
}

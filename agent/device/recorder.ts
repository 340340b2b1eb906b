import type { RecorderConfig } from "../../config/schema.ts";
import type { ControlHandlers } from "../control/protocol.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Device } from "./device.ts";
import { Peripherals } from "./peripherals.ts";
import { RecorderUnit } from "./recorder-unit.ts";
import type { DeviceUnit } from "./unit.ts";

/** A recorder: its camera, and what hangs on its serial lines. */
export class Recorder implements DeviceUnit {
  readonly #peripherals: Peripherals;
  readonly #unit: RecorderUnit;

  constructor(config: RecorderConfig, device: Device, surroundings: Surroundings) {
    const peripherals = new Peripherals(config, device, surroundings);
    this.#peripherals = peripherals;
    this.#unit = new RecorderUnit(
      config,
      {
        ledger: device.ledger,
        alarms: device.alarms,
        position: () => peripherals.position(),
        onNotice: (notice) => peripherals.notice(notice),
      },
      surroundings,
    );
  }

  get isRecording(): boolean {
    return this.#unit.isRecording;
  }

  get batteryPct(): number | undefined {
    return this.#peripherals.batteryPct;
  }

  get powerOff(): Promise<unknown> {
    return this.#peripherals.powerOff;
  }

  start(resume: boolean): void {
    this.#unit.start(resume);
    this.#peripherals.start(this.#unit.camera);
  }

  spaceFreed(): void {
    this.#unit.spaceFreed();
  }

  stop(reason: string | null): Promise<void> {
    return this.#unit.stop(reason);
  }

  release(end: "orderly" | "failed"): Promise<void> {
    return this.#peripherals.stop(end);
  }

  handlers(): ControlHandlers {
    return this.#unit.handlers();
  }

  status(): ReturnType<DeviceUnit["status"]> {
    const { recording, counters } = this.#unit.status();
    return {
      recording,
      ...this.#peripherals.status(),
      counters: { ...counters, ...this.#peripherals.counters.snapshot() },
    };
  }
}

import type { RecorderConfig } from "../../config/schema.ts";
import type { ControlHandlers } from "../control/protocol.ts";
import type { Device } from "../device/device.ts";
import type { DeviceUnit } from "../device/unit.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Updates } from "../update/updates.ts";
import { dockingStatus, keepDockingPort } from "./docking-port.ts";
import { Peripherals } from "./peripherals.ts";
import { RecorderUnit } from "./recorder-unit.ts";
import { updatesOf } from "./recorder-updates.ts";

/** A recorder: its camera, what hangs on its serial lines, and its answers to a dock. */
export class Recorder implements DeviceUnit {
  readonly #config: RecorderConfig;
  readonly #device: Device;
  readonly #surroundings: Surroundings;
  readonly #stopping = new AbortController();
  #answering: Promise<void> = Promise.resolve();
  readonly #peripherals: Peripherals;
  readonly #unit: RecorderUnit;
  readonly #updates: Updates;

  constructor(config: RecorderConfig, device: Device, surroundings: Surroundings) {
    this.#config = config;
    this.#device = device;
    this.#surroundings = surroundings;
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
    this.#updates = updatesOf(config, device, surroundings, {
      isRecording: () => this.isRecording,
      status: () => this.status(),
    });
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
    this.#answering = this.#answerDocks();
    this.#updates.start();
    this.#device.takeOrdersBy((envelope) => this.#updates.takeOrder(envelope));
  }

  spaceFreed(): void {
    this.#unit.spaceFreed();
  }

  async stop(reason: string | null): Promise<void> {
    this.#stopping.abort();
    await this.#answering;
    await this.#updates.stop();
    await this.#unit.stop(reason);
  }

  release(end: "orderly" | "failed"): Promise<void> {
    return this.#peripherals.stop(end);
  }

  handlers(): ControlHandlers {
    return { ...this.#unit.handlers(), ...this.#updates.handlers() };
  }

  status(): ReturnType<DeviceUnit["status"]> {
    const { recording, counters } = this.#unit.status();
    return {
      recording,
      ...this.#peripherals.status(),
      counters: { ...counters, ...this.#peripherals.counters.snapshot() },
    };
  }

  #battery(): { battery_pct?: number; charging?: boolean } {
    const { board } = this.#peripherals.status();
    return {
      ...(board?.battery_pct === undefined ? {} : { battery_pct: board.battery_pct }),
      ...(board?.charging === undefined ? {} : { charging: board.charging === "yes" }),
    };
  }

  async #answerDocks(): Promise<void> {
    const { docking, device } = this.#config;
    if (docking === undefined) return;
    const { clock, log } = this.#surroundings;
    const read = () =>
      dockingStatus(this.#device, device, { clock }, { recording: this.isRecording, ...this.#battery() });
    const { counters } = this.#device;
    await keepDockingPort({ listen: docking.listen, read, clock, log, counters }, this.#stopping.signal);
  }
}

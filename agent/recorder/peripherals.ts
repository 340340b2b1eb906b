import type { CameraRecorder } from "../../capture/recorder/camera-recorder.ts";
import type { RecorderNotice } from "../../capture/recorder/recorder-parts.ts";
import { Counters } from "../../config/base/counters.ts";
import type { RecorderConfig } from "../../config/schema.ts";
import type { Position } from "../../crypto/entry/recording-types.ts";
import { systemClockOrigin } from "../../crypto/ledger/writer/clock-origin.ts";
import { GnssReceiver } from "../../drivers/serial/gnss/gnss-receiver.ts";
import { systemPort } from "../../drivers/serial/line/system-port.ts";
import type { AgentStatus } from "../control/protocol.ts";
import type { Device } from "../device/device.ts";
import type { Surroundings } from "../surroundings.ts";
import { BoardUnit, type PowerOff } from "./board/board-unit.ts";
import { ClockKeeper } from "./clock/clock-keeper.ts";
import { setWallClock } from "./clock/wall-clock.ts";

/** What hangs on a recorder's serial lines, as its configuration has it: control board, GNSS, and their clocks. */
export class Peripherals {
  readonly counters = new Counters();
  /** Resolves when the board has said that the power goes. */
  readonly powerOff: Promise<PowerOff>;
  readonly #config: RecorderConfig;
  readonly #device: Device;
  readonly #surroundings: Surroundings;
  readonly #gnss: GnssReceiver | null;
  readonly #clock: ClockKeeper;
  readonly #ending = new AbortController();
  #board: BoardUnit | null = null;
  #running: Promise<unknown> = Promise.resolve();
  #onPowerOff: (event: PowerOff) => void = () => undefined;

  constructor(config: RecorderConfig, device: Device, surroundings: Surroundings) {
    this.#config = config;
    this.#device = device;
    this.#surroundings = surroundings;
    this.powerOff = new Promise((resolve) => {
      this.#onPowerOff = resolve;
    });
    this.#gnss = this.#openGnss();
    const { ledger, alarms } = device;
    const { clock, log } = surroundings;
    this.#clock = new ClockKeeper({
      ledger,
      gnssTime: () => this.#gnss?.time() ?? null,
      systemOrigin: systemClockOrigin,
      setWallClock: config.gnss?.setClock === true ? setWallClock : null,
      alarms,
      clock,
      log,
    });
  }

  start(camera: CameraRecorder): void {
    const { board, gnss } = this.#config;
    if (board !== undefined) this.#board = this.#startBoard(board, camera);
    if (board === undefined && gnss === undefined) return;
    const { signal } = this.#ending;
    this.#running = Promise.all([
      this.#gnss?.run(signal),
      this.#clock.run(() => this.#board?.connected ?? null, signal),
    ]);
  }

  /** Closes the lines; the board is told last what is true then. Only after an `orderly` end may it stop watching. */
  async stop(end: "orderly" | "failed"): Promise<void> {
    this.#ending.abort();
    await this.#running;
    await this.#board?.stop(end);
  }

  /** What the recorder tells. */
  notice(notice: RecorderNotice): void {
    this.#board?.notice(notice);
  }

  /** Where the wearer is; null: not known. */
  position(): Position | null {
    return this.#gnss?.position() ?? null;
  }

  /** Percent; undefined: not known. */
  get batteryPct(): number | undefined {
    return this.#board?.batteryPct;
  }

  status(): Pick<AgentStatus, "board" | "gnss"> {
    return {
      ...(this.#board === null ? {} : { board: this.#board.status() }),
      ...(this.#gnss === null
        ? {}
        : { gnss: { fix: this.#gnss.position() !== null, time: this.#gnss.time() !== null } }),
    };
  }

  #openGnss(): GnssReceiver | null {
    const { gnss } = this.#config;
    if (gnss === undefined) return null;
    const { clock, random } = this.#surroundings;
    const { alarms } = this.#device;
    return new GnssReceiver({
      open: systemPort({ path: gnss.device, baud: gnss.baud, clock }),
      clock,
      random,
      counters: this.counters,
      onTrouble: (reason) => alarms.raise("gnss-lost", reason.message),
      onHeard: () => alarms.clear("gnss-lost"),
    });
  }

  #startBoard(board: NonNullable<RecorderConfig["board"]>, camera: CameraRecorder): BoardUnit {
    const { clock, random, log } = this.#surroundings;
    const { disk, recording } = this.#config;
    const unit = new BoardUnit({
      open: systemPort({ path: board.device, baud: board.baud, clock }),
      watchdogS: board.watchdogS,
      wearer: recording.wearer,
      target: camera,
      writerAnswers: () => this.#device.ledger.answer(),
      freeBytes: () => this.#device.freeBytes(),
      stopBytes: disk.stopBytes,
      alarms: this.#device.alarms,
      onConnected: () => this.#clock.boardConnected(),
      onPowerOff: (event) => this.#onPowerOff(event),
      clock,
      random,
      counters: this.counters,
      log,
    });
    unit.start();
    return unit;
  }
}

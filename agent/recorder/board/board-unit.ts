import type { RecorderNotice } from "../../../capture/recorder/recorder-parts.ts";
import type { Clock } from "../../../config/base/clock.ts";
import type { Counters } from "../../../config/base/counters.ts";
import { errorCode } from "../../../config/base/errors.ts";
import type { Logger } from "../../../config/base/logger.ts";
import type { Random } from "../../../config/base/random.ts";
import type { BoardEvent, ControlBoard } from "../../../drivers/serial/board/control-board.ts";
import { SerialControlBoard } from "../../../drivers/serial/board/serial-control-board.ts";
import type { OpenSerialPort } from "../../../drivers/serial/line/serial-port.ts";
import type { Alarms } from "../../alarms.ts";
import { Buttons, type ButtonTarget, type Pressed, recordingOf } from "./buttons.ts";
import { Hysteresis, PowerWatch } from "./power-watch.ts";
import { follow, type Happening, type SignMemory, type Situation } from "./sign-machine.ts";
import { SignPlayer } from "./sign-player.ts";
import { Watchdog } from "./watchdog.ts";

export type PowerOff = Extract<BoardEvent, { kind: "power-off" }>;

export interface BoardUnitParts {
  readonly open: OpenSerialPort;
  readonly watchdogS: number;
  /** Who wears the recorder, where known. */
  readonly wearer: string | undefined;
  readonly target: ButtonTarget;
  readonly writerAnswers: () => Promise<void>;
  readonly freeBytes: () => number;
  /** With less free space recording ends. */
  readonly stopBytes: number;
  readonly alarms: Alarms;
  /** The board is there, again or for the first time. */
  readonly onConnected: () => void;
  readonly onPowerOff: (event: PowerOff) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
  readonly log: Logger;
}

const LOOK_EVERY_MS = 1_000;
const LAST_CALLS_MS = 1_000;
/** About half an hour of recording before the end. */
const NEARLY_FULL_BYTES = 2 ** 30;
const ROOM_AGAIN_BYTES = 1.25 * 2 ** 30;
/** It is what the lamp is red for, or is shown by the other lamp. */
const SHOWN_ELSEWHERE: ReadonlySet<string> = new Set([
  "battery-low",
  "board-lost",
  "clock-wrong",
  "gnss-lost",
]);

/** A recorder's control board, wired to its camera: presses in, lamps and vibration out, power watched. */
export class BoardUnit {
  readonly #parts: BoardUnitParts;
  readonly #board: SerialControlBoard;
  readonly #player: SignPlayer;
  readonly #buttons: Buttons;
  readonly #power: PowerWatch;
  readonly #watchdog: Watchdog;
  readonly #nearlyFull: Hysteresis;
  readonly #ending = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  #memory: SignMemory = {};
  #showing: Promise<void> = Promise.resolve();
  #isPoweringOff = false;

  constructor(parts: BoardUnitParts) {
    this.#parts = parts;
    const { open, clock, random, counters, target, wearer, alarms, watchdogS, writerAnswers, stopBytes } =
      parts;
    this.#board = new SerialControlBoard({
      open,
      clock,
      random,
      counters,
      listener: (event) => this.#onEvent(event),
    });
    this.#player = new SignPlayer(this.#board, clock);
    this.#buttons = new Buttons(target, wearer);
    this.#power = new PowerWatch(alarms);
    this.#nearlyFull = new Hysteresis(stopBytes + NEARLY_FULL_BYTES, stopBytes + ROOM_AGAIN_BYTES);
    this.#watchdog = new Watchdog({ board: this.#board, clock, timeoutS: watchdogS, writerAnswers });
  }

  start(): void {
    const { signal } = this.#ending;
    this.#running = Promise.all([
      this.#board.run(signal),
      this.#watchdog.keep(signal),
      this.#keepLooking(signal),
    ]);
  }

  /** Shows the end, disarms the watchdog if that was `orderly`, and closes the line. */
  async stop(end: "orderly" | "failed"): Promise<void> {
    const last = AbortSignal.timeout(LAST_CALLS_MS);
    await this.#showing;
    await this.#player
      .showLamps({ recording: this.#isPoweringOff ? "powering-off" : "well", device: "well" }, last)
      .catch(() => undefined);
    if (end === "orderly") {
      await this.#watchdog.disarm(last).catch(() => undefined);
      if (this.#isPoweringOff) await this.#board.powerReady(last).catch(() => undefined);
    }
    this.#ending.abort();
    await this.#running;
    await this.#player.rested;
  }

  /** What the recorder tells. */
  notice(notice: RecorderNotice): void {
    switch (notice.kind) {
      case "started":
        this.#buttons.begun().catch((error: unknown) => this.#refuse(error));
        this.#look("started");
        break;
      case "stopped":
        this.#look("stopped");
        break;
      case "photo":
        this.#look("photo");
        break;
      case "state":
        this.#look();
        break;
      case "alarm":
      case "sound":
      case "chunk":
        break;
    }
  }

  /** The board, as long as it is there. */
  get connected(): ControlBoard | null {
    return this.#board.state.kind === "there" ? this.#board : null;
  }

  /** Percent; undefined: not known. */
  get batteryPct(): number | undefined {
    return this.#power.reading.battery?.percent ?? undefined;
  }

  /** For the status: names as the control socket has them. */
  status() {
    const { state } = this.#board;
    const { battery, tenthsC } = this.#power.reading;
    return {
      connected: state.kind === "there",
      ...(state.kind === "there" ? { model: state.identity.model, firmware: state.identity.firmware } : {}),
      ...(battery === null
        ? {}
        : {
            ...(battery.percent === null ? {} : { battery_pct: battery.percent }),
            battery_mv: battery.milliVolts,
            charging: battery.charging,
          }),
      ...(tenthsC === null ? {} : { temperature_tenths_c: tenthsC }),
    };
  }

  #onEvent(event: BoardEvent): void {
    const { alarms, log } = this.#parts;
    switch (event.kind) {
      case "connected":
        alarms.clear("board-lost");
        log.info({ model: event.identity.model, reset: event.identity.resetReason }, "board connected");
        this.#player.forget();
        void this.#greet();
        break;
      case "lost":
        this.#power.lost();
        alarms.raise("board-lost", event.reason.message);
        break;
      case "button":
        void this.#press(event);
        break;
      case "battery":
        this.#power.takeBattery(event);
        this.#look();
        break;
      case "temperature":
        this.#power.takeTemperature(event.tenthsC);
        break;
      case "power-off":
        log.warn({ secondsLeft: event.secondsLeft, reason: event.reason }, "power goes off");
        this.#isPoweringOff = true;
        this.#look();
        this.#parts.onPowerOff(event);
        break;
      case "noise":
        // the link has counted it
        break;
    }
  }

  /** Asks and tells a board that has just come everything that it does not tell or know by itself. */
  async #greet(): Promise<void> {
    const { signal } = this.#ending;
    this.#parts.onConnected();
    try {
      await this.#watchdog.arm(signal);
      this.#look();
      this.#power.takeBattery(await this.#board.battery(signal));
      this.#power.takeTemperature(await this.#board.temperature(signal));
      this.#look();
    } catch (error) {
      // it is gone again, or has no thermometer
      this.#parts.counters.add(errorCode(error));
    }
  }

  async #press(event: Pressed): Promise<void> {
    const { button, press, ageMs } = event;
    this.#parts.log.info({ button, press, ageMs }, "button");
    try {
      const felt = await this.#buttons.press(event);
      if (felt !== null) this.#look(felt);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #refuse(error: unknown): void {
    this.#parts.log.warn({ err: error }, "button refused");
    this.#look("refused");
  }

  async #keepLooking(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#look();
      await this.#parts.clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
  }

  /** Shows what is true now, and what has just happened. */
  #look(...happenings: Happening[]): void {
    const { signal } = this.#ending;
    const nowMs = this.#parts.clock.monoUs() / 1000;
    const { memory, lamps, touches } = follow(this.#memory, this.#situation(), happenings, nowMs);
    this.#memory = memory;
    this.#player.play(touches, signal);
    this.#showing = this.#showing
      .then(() => this.#player.showLamps(lamps, signal))
      .catch((error: unknown) => this.#parts.counters.add(errorCode(error)));
  }

  #situation(): Situation {
    const { state, muted } = this.#parts.target.status();
    const { battery, level } = this.#power.reading;
    return {
      recording: recordingOf(state),
      pictures: state.kind !== "idle",
      muted,
      battery: level,
      charging: battery?.charging ?? "no",
      nearlyFull: this.#nearlyFull.follow(this.#parts.freeBytes()),
      alarmed: this.#parts.alarms.list().some(({ code }) => !SHOWN_ELSEWHERE.has(code)),
      poweringOff: this.#isPoweringOff,
    };
  }
}

import type { BoardBattery } from "../../../drivers/serial/board/messages/values.ts";
import type { Alarms } from "../../alarms.ts";

/** True from `enter` on until `leave` is reached: between the two nothing changes. */
export class Hysteresis {
  readonly #enter: number;
  readonly #leave: number;
  #isIn = false;

  constructor(enter: number, leave: number) {
    this.#enter = enter;
    this.#leave = leave;
  }

  /** Whether `value` counts as beyond now. */
  follow(value: number): boolean {
    const falling = this.#enter < this.#leave;
    if (falling ? value <= this.#enter : value >= this.#enter) this.#isIn = true;
    else if (falling ? value >= this.#leave : value <= this.#leave) this.#isIn = false;
    return this.#isIn;
  }
}

/** What the board has said of its power and warmth. */
export interface PowerReading {
  readonly battery: BoardBattery | null;
  readonly level: "unknown" | "good" | "low" | "critical";
  readonly tenthsC: number | null;
}

/** Keeps the last readings of battery and thermometer, and their alarms. */
export class PowerWatch {
  readonly #alarms: Alarms;
  /** Percent of charge. */
  readonly #low = new Hysteresis(15, 20);
  readonly #critical = new Hysteresis(5, 8);
  /** Tenths of a degree Celsius. */
  readonly #hot = new Hysteresis(600, 550);
  readonly #cold = new Hysteresis(-200, -150);
  #battery: BoardBattery | null = null;
  #level: PowerReading["level"] = "unknown";
  #tenthsC: number | null = null;

  constructor(alarms: Alarms) {
    this.#alarms = alarms;
  }

  get reading(): PowerReading {
    return { battery: this.#battery, level: this.#level, tenthsC: this.#tenthsC };
  }

  takeBattery(battery: BoardBattery): void {
    this.#battery = battery;
    const { percent } = battery;
    this.#level = percent === null ? "unknown" : this.#levelOf(percent);
    const isAlarm = battery.charging === "no" && (this.#level === "low" || this.#level === "critical");
    this.#say("battery-low", isAlarm, `${percent} %`);
  }

  takeTemperature(tenthsC: number): void {
    this.#tenthsC = tenthsC;
    const isOut = [this.#hot.follow(tenthsC), this.#cold.follow(tenthsC)].includes(true);
    this.#say("temperature", isOut, `${tenthsC / 10} °C`);
  }

  /** The board is away: what it said may no longer be so. */
  lost(): void {
    this.#battery = null;
    this.#level = "unknown";
    this.#tenthsC = null;
  }

  #levelOf(percent: number): "good" | "low" | "critical" {
    const [isLow, isCritical] = [this.#low.follow(percent), this.#critical.follow(percent)];
    if (isCritical) return "critical";
    return isLow ? "low" : "good";
  }

  #say(code: string, isAlarm: boolean, detail: string): void {
    if (isAlarm) this.#alarms.raise(code, detail);
    else this.#alarms.clear(code);
  }
}

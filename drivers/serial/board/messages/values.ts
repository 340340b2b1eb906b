/** What the messages of docs/control-link.md are made of; each list is in the order of its numbers there. */

export const BUTTONS = ["record", "photo", "mark", "mute", "sos"] as const;
export type Button = (typeof BUTTONS)[number];

export const PRESSES = ["short", "long", "double"] as const;
export type Press = (typeof PRESSES)[number];

export const CHARGING = ["no", "yes", "full"] as const;
export type Charging = (typeof CHARGING)[number];

export const POWER_OFF_REASONS = ["switch", "battery", "heat"] as const;
export type PowerOffReason = (typeof POWER_OFF_REASONS)[number];

/** Why the board last started. */
export const RESET_REASONS = ["power-on", "watchdog", "brown-out", "firmware"] as const;
export type ResetReason = (typeof RESET_REASONS)[number];

/** What a board may lack; bit 0 first. */
export const FEATURES = ["buzzer", "vibration", "thermometer", "clock", "watchdog"] as const;
export type Feature = (typeof FEATURES)[number];

/** Why a board refuses. */
export const REFUSALS = ["type", "length", "value", "hello-first", "unsupported", "busy", "failed"] as const;
export type Refusal = (typeof REFUSALS)[number];

export interface BoardIdentity {
  /** Of the messages; what both sides speak. */
  version: number;
  /** Another one after every start of the board. */
  bootId: number;
  resetReason: ResetReason;
  /** Buttons, lamps and the rest are numbered from 0. */
  lamps: number;
  features: readonly Feature[];
  /** Printable ASCII, at most 32 letters each. */
  model: string;
  serial: string;
  firmware: string;
}

export interface BoardBattery {
  /** 0 to 100; null: the board does not know yet. */
  percent: number | null;
  milliVolts: number;
  charging: Charging;
}

export interface BoardClock {
  utcMs: number;
  /** False: the clock stood still since it was last set, so it shows anything. */
  valid: boolean;
}

/** Steps shown one after the other. */
export interface Pattern<Step> {
  /** At most 16; none: off. */
  steps: readonly Step[];
  /** How often all steps are shown, 1 to 255; 0: until another pattern comes, which only lamps do. */
  times: number;
}

/** `ms` of every step: 10 to 60,000. Colours 0 to 255. */
export interface LampStep {
  red: number;
  green: number;
  blue: number;
  ms: number;
}

export interface BuzzerStep {
  /** 0: silence; else 100 to 10,000. */
  hertz: number;
  ms: number;
}

export interface VibrationStep {
  /** 0 to 100. */
  percent: number;
  ms: number;
}

export const MAX_STEPS = 16;
export const MAX_LAMPS = 8;
export const MIN_STEP_MS = 10;
export const MAX_STEP_MS = 60_000;
/** A board's clock shows a time from 2000 to 2099. */
export const MIN_CLOCK_MS = 946_684_800_000;
export const MAX_CLOCK_MS = 4_102_444_799_999;
export const WATCHDOG_S = { least: 5, most: 600 } as const;

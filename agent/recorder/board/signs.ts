import type {
  BuzzerStep,
  LampStep,
  Pattern,
  VibrationStep,
} from "../../../drivers/serial/board/messages/values.ts";

/**
 * What a wearer sees and feels, as data: docs/wearer-signs.md is this table in words. A lamp sign lasts as long
 * as its cause; a touch sign is played once each time.
 */

/** The first lamp tells of the recording, the second, where there is one, of the device. */
export const LAMPS = { recording: 0, device: 1 } as const;
export type Lamp = keyof typeof LAMPS;

export type LampSign = keyof typeof LAMP_SIGNS;
export type TouchSign = keyof typeof TOUCH_SIGNS;

interface LampShow {
  readonly lamp: Lamp;
  readonly pattern: Pattern<LampStep>;
}

interface Touch {
  readonly vibration: Pattern<VibrationStep>;
  readonly buzzer: Pattern<BuzzerStep>;
}

type Colour = readonly [red: number, green: number, blue: number];
const RED: Colour = [255, 0, 0];
const GREEN: Colour = [0, 255, 0];
const BLUE: Colour = [0, 0, 255];
const AMBER: Colour = [255, 96, 0];
const WHITE: Colour = [255, 255, 255];
const DARK: Colour = [0, 0, 0];

/** For ever: what a colour and its milliseconds are, in turns. */
function light(...steps: readonly (readonly [Colour, number])[]): Pattern<LampStep> {
  return { steps: steps.map(([[red, green, blue], ms]) => ({ red, green, blue, ms })), times: 0 };
}

/** Milliseconds of vibration and rest, in turns. */
function pulses(...ms: readonly number[]): Pattern<VibrationStep> {
  return { steps: ms.map((each, index) => ({ percent: index % 2 === 0 ? 100 : 0, ms: each })), times: 1 };
}

/** Tones and how long they last; 0 Hz is silence. */
function tones(...steps: readonly (readonly [hertz: number, ms: number])[]): Pattern<BuzzerStep> {
  return { steps: steps.map(([hertz, ms]) => ({ hertz, ms })), times: 1 };
}

const QUIET: Pattern<BuzzerStep> = { steps: [], times: 1 };

/** Most urgent first, for each lamp. */
export const LAMP_SIGNS = {
  "powering-off": { lamp: "recording", pattern: light([WHITE, 100], [DARK, 100]) },
  "not-recording": { lamp: "recording", pattern: light([RED, 100], [DARK, 100]) },
  "recording-muted": { lamp: "recording", pattern: light([RED, 1500], [BLUE, 500]) },
  recording: { lamp: "recording", pattern: light([RED, 1000]) },
  ending: { lamp: "recording", pattern: light([RED, 500], [DARK, 500]) },
  alarm: { lamp: "recording", pattern: light([AMBER, 500], [DARK, 500]) },
  "no-picture": { lamp: "recording", pattern: light([AMBER, 200], [DARK, 1800]) },
  ready: { lamp: "recording", pattern: light([GREEN, 100], [DARK, 2900]) },
  "battery-critical": { lamp: "device", pattern: light([RED, 200], [DARK, 200]) },
  "battery-low": { lamp: "device", pattern: light([RED, 200], [DARK, 1800]) },
  "nearly-full": { lamp: "device", pattern: light([BLUE, 200], [DARK, 1800]) },
  charging: { lamp: "device", pattern: light([AMBER, 1000]) },
  charged: { lamp: "device", pattern: light([GREEN, 1000]) },
  well: { lamp: "device", pattern: { steps: [], times: 1 } },
} as const satisfies Record<string, LampShow>;

/** Most urgent first: of two at once the upper one is played before the lower one. */
export const TOUCH_SIGNS = {
  "powering-off": { vibration: pulses(1500), buzzer: tones([2000, 150], [1500, 150], [1000, 300]) },
  "not-recording": {
    vibration: pulses(150, 100, 150, 100, 150, 100, 150, 100, 150),
    buzzer: tones([3000, 150], [0, 100], [3000, 150], [0, 100], [3000, 150]),
  },
  started: { vibration: pulses(500), buzzer: tones([2000, 200]) },
  stopped: { vibration: pulses(500, 200, 500), buzzer: tones([1000, 200], [0, 100], [1000, 200]) },
  sos: { vibration: pulses(100, 100, 100, 100, 100), buzzer: QUIET },
  marked: { vibration: pulses(200), buzzer: QUIET },
  photo: { vibration: pulses(100), buzzer: tones([4000, 30]) },
  muted: { vibration: pulses(200, 150, 200), buzzer: QUIET },
  unmuted: { vibration: pulses(200, 150, 500), buzzer: QUIET },
  refused: { vibration: pulses(80, 80, 80, 80, 80, 80, 80), buzzer: tones([400, 400]) },
  "battery-critical": {
    vibration: pulses(300, 150, 300, 150, 300, 150, 300),
    buzzer: tones([1500, 300], [0, 150], [1500, 300]),
  },
  "battery-low": { vibration: pulses(300, 150, 300, 150, 300), buzzer: tones([1500, 200]) },
  "nearly-full": { vibration: pulses(300, 150, 300, 150, 700), buzzer: tones([1500, 200]) },
  reminder: { vibration: pulses(80, 120, 80), buzzer: QUIET },
} as const satisfies Record<string, Touch>;

export const TOUCH_ORDER = Object.keys(TOUCH_SIGNS) as readonly TouchSign[];

/** How long the longer of its two patterns takes. */
export function touchMs(sign: TouchSign): number {
  const { vibration, buzzer }: Touch = TOUCH_SIGNS[sign];
  const lengthOf = (steps: readonly { ms: number }[]) => steps.reduce((sum, { ms }) => sum + ms, 0);
  return Math.max(lengthOf(vibration.steps) * vibration.times, lengthOf(buzzer.steps) * buzzer.times);
}

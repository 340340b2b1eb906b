import {
  fields,
  flags,
  int16,
  type Layout,
  letters,
  list,
  oneOf,
  orNull,
  uint,
  unpack,
  type ValueOf,
  yesOrNo,
} from "./layout.ts";
import {
  type BoardBattery,
  type BoardClock,
  type BoardIdentity,
  BUTTONS,
  type Button,
  type BuzzerStep,
  CHARGING,
  FEATURES,
  type LampStep,
  MAX_CLOCK_MS,
  MAX_LAMPS,
  MAX_STEP_MS,
  MAX_STEPS,
  MIN_CLOCK_MS,
  MIN_STEP_MS,
  type Pattern,
  POWER_OFF_REASONS,
  type PowerOffReason,
  PRESSES,
  type Press,
  REFUSALS,
  RESET_REASONS,
  type VibrationStep,
  WATCHDOG_S,
} from "./values.ts";

/** Every message of docs/control-link.md: its number, and how its payload lies. */

/** Of the messages; the framing has a version of its own. */
export const MESSAGE_VERSION = 1;
/** An answer has the number of its request plus this. */
export const ANSWER = 0x80;
/** Agent to board: the event of this sequence number has arrived. */
export const TAKEN = 0x70;
/** Board to agent, every 2 s, not confirmed. */
export const ALIVE = 0x71;

const nothing: Layout<object> = fields({});
const battery: Layout<BoardBattery> = fields({
  percent: orNull(uint(1, 0, 100), 1, 0xff),
  milliVolts: uint(2),
  charging: oneOf(CHARGING),
});
const tenthsC = int16(-1_000, 2_000);
const utcMs = uint(6, MIN_CLOCK_MS, MAX_CLOCK_MS);
const clock: Layout<BoardClock> = fields({ utcMs, valid: yesOrNo });
const stepMs = uint(2, MIN_STEP_MS, MAX_STEP_MS);
const lampSteps: Layout<readonly LampStep[]> = list(
  fields<LampStep>({ red: uint(1), green: uint(1), blue: uint(1), ms: stepMs }),
  MAX_STEPS,
);
const buzzerSteps: Layout<readonly BuzzerStep[]> = list(
  fields<BuzzerStep>({ hertz: uint(2, 0, 10_000), ms: stepMs }),
  MAX_STEPS,
);
const vibrationSteps: Layout<readonly VibrationStep[]> = list(
  fields<VibrationStep>({ percent: uint(1, 0, 100), ms: stepMs }),
  MAX_STEPS,
);

interface Call<Ask extends object, Answer extends object> {
  readonly type: number;
  readonly ask: Layout<Ask>;
  readonly answer: Layout<Answer>;
}

function call<Ask extends object, Answer extends object>(
  type: number,
  ask: Layout<Ask>,
  answer: Layout<Answer>,
): Call<Ask, Answer> {
  return { type, ask, answer };
}

/** Requests of the agent, and the answers to them; before each answer stands its status. */
export const CALLS = {
  hello: call(
    0x01,
    fields({ nonce: uint(4), version: uint(1, 1) }),
    fields<BoardIdentity & { nonce: number }>({
      nonce: uint(4),
      version: uint(1, 1),
      bootId: uint(4),
      resetReason: oneOf(RESET_REASONS),
      lamps: uint(1, 0, MAX_LAMPS),
      features: flags(FEATURES),
      model: letters(32),
      serial: letters(32),
      firmware: letters(32),
    }),
  ),
  battery: call(0x02, nothing, battery),
  temperature: call(0x03, nothing, fields({ tenthsC })),
  "clock-get": call(0x04, nothing, clock),
  "clock-set": call(0x05, fields({ utcMs }), clock),
  lamp: call(
    0x10,
    fields<{ lamp: number } & Pattern<LampStep>>({
      lamp: uint(1, 0, MAX_LAMPS - 1),
      times: uint(1),
      steps: lampSteps,
    }),
    nothing,
  ),
  buzzer: call(0x11, fields<Pattern<BuzzerStep>>({ times: uint(1, 1), steps: buzzerSteps }), nothing),
  vibration: call(
    0x12,
    fields<Pattern<VibrationStep>>({ times: uint(1, 1), steps: vibrationSteps }),
    nothing,
  ),
  "watchdog-arm": call(0x20, fields({ timeoutS: uint(2, 0, WATCHDOG_S.most) }), nothing),
  "watchdog-pet": call(0x21, nothing, nothing),
} as const;

export type CallName = keyof typeof CALLS;

export type AskOf<K extends CallName> = ValueOf<(typeof CALLS)[K]["ask"]>;
export type AnswerOf<K extends CallName> = ValueOf<(typeof CALLS)[K]["answer"]>;

/** What the board tells unasked; each is confirmed, and repeated until it is. */
export const EVENTS = {
  button: {
    type: 0x50,
    layout: fields<{ button: Button; press: Press; ageMs: number }>({
      button: oneOf(BUTTONS),
      press: oneOf(PRESSES),
      ageMs: uint(2),
    }),
  },
  battery: { type: 0x51, layout: battery },
  temperature: { type: 0x52, layout: fields({ tenthsC }) },
  "power-off": {
    type: 0x53,
    layout: fields<{ secondsLeft: number; reason: PowerOffReason }>({
      secondsLeft: uint(2),
      reason: oneOf(POWER_OFF_REASONS),
    }),
  },
} as const;

export type EventName = keyof typeof EVENTS;
export type EventOf<K extends EventName> = ValueOf<(typeof EVENTS)[K]["layout"]>;
/** An event with its name. */
export type ToldEvent = { [K in EventName]: { kind: K } & EventOf<K> }[EventName];

/** null: no event that this version knows. Throws `message-length`, `message-value`. */
export function unpackEvent(type: number, payload: Uint8Array): ToldEvent | null {
  for (const [kind, { type: known, layout }] of Object.entries(EVENTS)) {
    if (type === known) return { kind, ...unpack(layout as Layout<object>, payload, kind) } as ToldEvent;
  }
  return null;
}

/** The numbers of events, known or not. */
export const EVENT_TYPES = { first: 0x50, last: 0x6f } as const;

export interface Alive {
  bootId: number;
  uptimeS: number;
  /** Events that nobody took since the board started; stays at the largest number. */
  eventsLost: number;
}

export const alive: Layout<Alive> = fields<Alive>({ bootId: uint(4), uptimeS: uint(4), eventsLost: uint(2) });

/** First byte of every answer: 0 done, else why not, in the order of REFUSALS from 1. */
export const DONE = 0;
export const refusal = oneOf(REFUSALS);

import type { Clock } from "../../../config/base/clock.ts";
import type { ControlBoard } from "../../../drivers/serial/board/control-board.ts";
import {
  LAMP_SIGNS,
  LAMPS,
  type Lamp,
  type LampSign,
  TOUCH_SIGNS,
  type TouchSign,
  touchMs,
} from "./signs.ts";

/** More than a wearer could still tell apart. */
const MAX_WAITING = 6;
/** Rest between two touch signs. */
const REST_MS = 300;

/**
 * Shows signs on a control board: lamps when they change, touches one after the other. A board that does not
 * answer misses them; when it is there again it shows what is true then.
 */
export class SignPlayer {
  readonly #board: ControlBoard;
  readonly #clock: Clock;
  readonly #shown = new Map<Lamp, LampSign>();
  #waiting: TouchSign[] = [];
  #playing: Promise<void> = Promise.resolve();
  #isPlaying = false;

  constructor(board: ControlBoard, clock: Clock) {
    this.#board = board;
    this.#clock = clock;
  }

  /** The board was started anew: it shows nothing. */
  forget(): void {
    this.#shown.clear();
    this.#waiting = [];
  }

  /** Resolves when nothing is being played. */
  get rested(): Promise<void> {
    return this.#playing;
  }

  /** Throws what the board throws. */
  async showLamps(lamps: Readonly<Record<Lamp, LampSign>>, signal: AbortSignal): Promise<void> {
    const { state } = this.#board;
    if (state.kind === "away") return;
    for (const [lamp, number] of Object.entries(LAMPS) as [Lamp, number][]) {
      const sign = lamps[lamp];
      if (number >= state.identity.lamps || this.#shown.get(lamp) === sign) continue;
      await this.#board.showLamp(number, LAMP_SIGNS[sign].pattern, signal);
      this.#shown.set(lamp, sign);
    }
  }

  play(touches: readonly TouchSign[], signal: AbortSignal): void {
    for (const touch of touches) if (!this.#waiting.includes(touch)) this.#waiting.push(touch);
    this.#waiting = this.#waiting.slice(0, MAX_WAITING);
    if (this.#isPlaying || this.#waiting.length === 0) return;
    this.#isPlaying = true;
    this.#playing = this.#playAll(signal).finally(() => {
      this.#isPlaying = false;
    });
  }

  async #playAll(signal: AbortSignal): Promise<void> {
    for (let touch = this.#waiting.shift(); touch !== undefined; touch = this.#waiting.shift()) {
      if (signal.aborted) return;
      // what a board cannot do now, or never, is not felt
      await this.#touch(touch, signal).catch(() => undefined);
      await this.#clock.sleep(touchMs(touch) + REST_MS, signal).catch(() => undefined);
    }
  }

  async #touch(touch: TouchSign, signal: AbortSignal): Promise<void> {
    const { state } = this.#board;
    if (state.kind === "away") return;
    const { vibration, buzzer } = TOUCH_SIGNS[touch];
    const { features } = state.identity;
    if (features.includes("vibration")) await this.#board.vibrate(vibration, signal);
    if (features.includes("buzzer") && buzzer.steps.length > 0) await this.#board.sound(buzzer, signal);
  }
}

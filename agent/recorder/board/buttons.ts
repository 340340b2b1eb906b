import type { CameraRecorder } from "../../../capture/recorder/camera-recorder.ts";
import type { RecorderState } from "../../../capture/recorder/state.ts";
import type { BoardEvent } from "../../../drivers/serial/board/control-board.ts";
import type { Happening, Situation } from "./sign-machine.ts";

/** What the buttons work on. */
export type ButtonTarget = Pick<
  CameraRecorder,
  "status" | "record" | "stopRecording" | "mark" | "photo" | "mute"
>;

export type Pressed = Extract<BoardEvent, { kind: "button" }>;

/** A press that was told so late, since the line was away, starts but never stops or mutes: nobody remembers it. */
const MAX_AGE_MS = 5_000;

/**
 * What each button does. Short and double presses are as short ones, but for these:
 *
 * | button | short | long | double |
 * |---|---|---|---|
 * | record | starts, or stops | starts, never stops | starts, and marks `important` |
 * | photo | a photo | the same | the same |
 * | mark | marks `button` | marks `important` | marks `important` |
 * | mute | mutes, or unmutes | the same | the same |
 * | sos | starts, and marks `sos` | the same | the same |
 */
export class Buttons {
  readonly #target: ButtonTarget;
  readonly #wearer: string | undefined;
  /** A marker that waits for the recording to begin. */
  #markDue: string | null = null;

  constructor(target: ButtonTarget, wearer: string | undefined) {
    this.#target = target;
    this.#wearer = wearer;
  }

  /** Resolves with what the wearer is to feel, beyond what the recorder itself tells. Throws what it refuses. */
  async press({ button, press, ageMs }: Pressed): Promise<Happening | null> {
    const isFresh = ageMs <= MAX_AGE_MS;
    switch (button) {
      case "record":
        return await this.#record(press, isFresh);
      case "photo":
        await this.#target.photo(this.#wearer);
        return null;
      case "mark":
        return await this.#mark(press === "short" ? "button" : "important");
      case "mute":
        return isFresh ? this.#mute() : null;
      case "sos":
        return await this.#startMarked("sos", "sos", "sos");
    }
  }

  /** A recording has begun: sets the marker that waits for it. */
  async begun(): Promise<void> {
    const label = this.#markDue;
    this.#markDue = null;
    if (label !== null) await this.#target.mark(label, this.#wearer);
  }

  async #record(press: Pressed["press"], isFresh: boolean): Promise<Happening | null> {
    switch (press) {
      case "double":
        return await this.#startMarked("button", "important", "marked");
      case "long":
        await this.#start("button");
        return null;
      case "short":
        break;
    }
    switch (recordingOf(this.#target.status().state)) {
      case "no":
      case "ending":
        await this.#start("button");
        return null;
      case "wanted":
      case "yes":
        if (!isFresh) return null;
        // the post-event time may be long: how it ends is told by the recorder itself
        this.#target.stopRecording("button").catch(() => undefined);
        return null;
    }
  }

  /** False: it begins by itself as soon as it can. */
  async #start(trigger: string): Promise<boolean> {
    const wearer = this.#wearer === undefined ? {} : { wearer: this.#wearer };
    return (await this.#target.record({ trigger, ...wearer })) !== null;
  }

  async #startMarked(trigger: string, label: string, felt: Happening): Promise<Happening | null> {
    if (await this.#start(trigger)) return await this.#mark(label, felt);
    this.#markDue = label;
    return null;
  }

  async #mark(label: string, felt: Happening = "marked"): Promise<Happening> {
    return (await this.#target.mark(label, this.#wearer)) === null ? "refused" : felt;
  }

  #mute(): Happening {
    const muted = !this.#target.status().muted;
    if (!this.#target.mute(muted)) return "refused";
    return muted ? "muted" : "unmuted";
  }
}

/** A recorder's state as a wearer understands it. */
export function recordingOf(state: RecorderState): Situation["recording"] {
  switch (state.kind) {
    case "idle":
    case "pre-event":
      return state.wish === null ? "no" : "wanted";
    case "recording":
      return state.ending === null ? "yes" : "ending";
    case "sealing":
      return "no";
  }
}

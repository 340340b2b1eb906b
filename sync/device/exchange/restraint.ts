import type { Nack, NackCode } from "../../wire/messages.ts";

const USUAL_PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 600_000;
/** After a refusal that time alone does not mend. */
export const HOLD_MS = 600_000;

type HoldCode = Exclude<NackCode, "slow-down" | "disk-full" | "bad-hash" | "unannounced">;

/**
 * What keeps entries and media back for a while. A pause ends by itself; a hold ends with a hello after
 * at least ten minutes, or earlier when only the hello itself had been refused and now is answered.
 */
type State =
  | { kind: "free" }
  | { kind: "paused"; untilMs: number }
  | { kind: "held"; untilMs: number; code: HoldCode; isForHello: boolean };

export class Restraint {
  #state: State = { kind: "free" };

  /** The receiver asks for time. */
  pause({ retryAfterMs = USUAL_PAUSE_MS }: Nack, nowMs: number): void {
    if (this.#state.kind === "held") return;
    this.#state = { kind: "paused", untilMs: nowMs + Math.min(retryAfterMs, MAX_PAUSE_MS) };
  }

  hold(code: HoldCode, isForHello: boolean, nowMs: number): void {
    this.#state = { kind: "held", untilMs: nowMs + HOLD_MS, code, isForHello };
  }

  /** The receiver answered a hello that was sent at `askedMs`. */
  answered(askedMs: number): void {
    if (this.#state.kind === "held" && (this.#state.isForHello || askedMs >= this.#state.untilMs)) {
      this.#state = { kind: "free" };
    }
  }

  isFree(nowMs: number): boolean {
    if (this.#state.kind === "paused" && nowMs >= this.#state.untilMs) this.#state = { kind: "free" };
    return this.#state.kind === "free";
  }

  get holdCode(): HoldCode | null {
    return this.#state.kind === "held" ? this.#state.code : null;
  }

  /** When a hold is over and hello may be tried; null without a hold. */
  get holdEndsMs(): number | null {
    return this.#state.kind === "held" ? this.#state.untilMs : null;
  }

  /** When a pause ends by itself; null without a pause. */
  get pauseEndsMs(): number | null {
    return this.#state.kind === "paused" ? this.#state.untilMs : null;
  }
}

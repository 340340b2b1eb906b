import type { Clock } from "../../../config/base/clock.ts";
import type { ControlBoard } from "../../../drivers/serial/board/control-board.ts";
import { tellWhileAlive } from "../../supervision/liveness.ts";

export interface WatchdogParts {
  readonly board: ControlBoard;
  readonly clock: Clock;
  /** After so long without being petted the board resets the unit; 0: never. */
  readonly timeoutS: number;
  /** Resolves when the writer thread answers. */
  readonly writerAnswers: () => Promise<void>;
}

/** So often within its time the watchdog is petted: one that is missed does no harm. */
const TIMES = 4;

/**
 * The board's watchdog, petted from the main loop, and only when the writer thread answers too: a recorder
 * of which either hangs records nothing, and a reset is the best that can happen to it.
 */
export class Watchdog {
  readonly #parts: WatchdogParts;

  constructor(parts: WatchdogParts) {
    this.#parts = parts;
  }

  get #isUsed(): boolean {
    const { board, timeoutS } = this.#parts;
    return timeoutS > 0 && board.state.kind === "there" && board.state.identity.features.includes("watchdog");
  }

  /** To be called whenever the board has been connected. Throws what the board throws. */
  async arm(signal: AbortSignal): Promise<void> {
    if (this.#isUsed) await this.#parts.board.armWatchdog(this.#parts.timeoutS, signal);
  }

  /** An orderly end is no reason for a reset. Throws what the board throws. */
  async disarm(signal: AbortSignal): Promise<void> {
    if (this.#isUsed) await this.#parts.board.armWatchdog(0, signal);
  }

  /** Pets until the signal aborts. */
  async keep(signal: AbortSignal): Promise<void> {
    const { clock, timeoutS, writerAnswers, board } = this.#parts;
    if (timeoutS === 0) return;
    const tell = async () => {
      if (this.#isUsed) await board.petWatchdog(signal);
    };
    await tellWhileAlive({ clock, everyMs: (timeoutS * 1000) / TIMES, answers: writerAnswers, tell }, signal);
  }
}

import type { AgentError } from "../../../config/base/errors.ts";
import type {
  BoardBattery,
  BoardClock,
  BoardIdentity,
  Button,
  BuzzerStep,
  LampStep,
  Pattern,
  PowerOffReason,
  Press,
  VibrationStep,
} from "./messages/values.ts";

/**
 * The control board of a recorder, as the agent uses it: docs/control-link.md. Calls are made one after the other,
 * at most 16 wait, and each is repeated twice before it fails. Errors are AgentErrors:
 *
 * | code | meaning |
 * |---|---|
 * | `board-away` | there is no board, or it went away before it answered: the call may have been carried out |
 * | `board-silent` | no answer to a call and its repeats |
 * | `board-refused` | the board says no, with the reason in the place |
 * | `board-answer` | an answer that breaks the protocol |
 * | `board-busy` | too many calls wait |
 * | `board-value` | a value that the protocol cannot carry |
 */
export interface ControlBoard {
  readonly state: BoardState;
  battery(signal: AbortSignal): Promise<BoardBattery>;
  /** Tenths of a degree Celsius. */
  temperature(signal: AbortSignal): Promise<number>;
  readClock(signal: AbortSignal): Promise<BoardClock>;
  /** Sets the board's clock; resolves when the board has said what it shows now. */
  setClock(utcMs: number, signal: AbortSignal): Promise<BoardClock>;
  /** Shows a pattern on one lamp, from 0, in place of the one before; without steps the lamp is dark. */
  showLamp(lamp: number, pattern: Pattern<LampStep>, signal: AbortSignal): Promise<void>;
  sound(pattern: Pattern<BuzzerStep>, signal: AbortSignal): Promise<void>;
  vibrate(pattern: Pattern<VibrationStep>, signal: AbortSignal): Promise<void>;
  /** From now on the board resets the unit when it is not petted for so long: 5 to 600 s; 0 disarms. */
  armWatchdog(timeoutS: number, signal: AbortSignal): Promise<void>;
  petWatchdog(signal: AbortSignal): Promise<void>;
}

export type BoardState =
  | { kind: "away"; reason: AgentError | null }
  | { kind: "there"; identity: BoardIdentity };

/** What a board tells unasked, and what becomes of the line to it. */
export type BoardEvent =
  /** The board answered: it may have been reset, so lamps and watchdog are set anew now. */
  | { kind: "connected"; identity: BoardIdentity }
  /** It is gone or silent (`serial-…`, `board-…`); told once, until it is connected again. */
  | { kind: "lost"; reason: AgentError }
  /** Pressed `ageMs` before it was told. */
  | { kind: "button"; button: Button; press: Press; ageMs: number }
  | ({ kind: "battery" } & BoardBattery)
  | { kind: "temperature"; tenthsC: number }
  /** The board cuts the power in so many seconds, whatever the agent does. */
  | { kind: "power-off"; secondsLeft: number; reason: PowerOffReason }
  /** Bytes of the line that belonged to no frame. */
  | { kind: "noise"; bytes: number };

/** Told of everything, in order, from the line's own callback: returns soon, and does not throw. */
export type BoardListener = (event: BoardEvent) => void;

import type { EventName } from "../../serial/board/messages/messages.ts";
import type {
  BuzzerStep,
  LampStep,
  Pattern,
  ResetReason,
  VibrationStep,
} from "../../serial/board/messages/values.ts";

/** What a person before a simulated board would see, hear or feel, and what happens inside it. */
export type BoardSight =
  | { kind: "greeted" }
  | { kind: "lamp"; lamp: number; pattern: Pattern<LampStep> }
  | { kind: "buzzer"; pattern: Pattern<BuzzerStep> }
  | { kind: "vibration"; pattern: Pattern<VibrationStep> }
  | { kind: "clock-set"; utcMs: number }
  /** 0: disarmed. */
  | { kind: "watchdog"; timeoutS: number }
  /** The watchdog was not petted in time. */
  | { kind: "unit-reset" }
  | { kind: "power-cut" }
  | { kind: "reset"; reason: ResetReason }
  /** Nobody took it within its 3 s. */
  | { kind: "event-lost"; event: EventName };

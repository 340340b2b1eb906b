import type { Clock } from "../config/base/clock.ts";
import type { Logger } from "../config/base/logger.ts";
import type { Random } from "../config/base/random.ts";
import type { Supervisor } from "./supervision/supervisor.ts";

/** What every role gets from outside. */
export interface Surroundings {
  clock: Clock;
  random: Random;
  log: Logger;
  /** Aborts when the program is asked to stop. */
  signal: AbortSignal;
  supervisor: Supervisor;
  /** What is wrong from the start on, as alarms. */
  troubles?: readonly Trouble[];
}

export interface Trouble {
  code: string;
  detail: string;
}

import type { Clock } from "../config/base/clock.ts";
import type { Logger } from "../config/base/logger.ts";

export interface RaisedAlarm {
  code: string;
  detail: string;
  sinceMs: number;
}

/** What a person should look at now. One alarm a code; each raising and clearing is logged once. */
export class Alarms {
  readonly #raised = new Map<string, RaisedAlarm>();
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  raise(code: string, detail: string): void {
    const known = this.#raised.get(code);
    if (known === undefined) this.#log.error({ code, detail }, "alarm");
    this.#raised.set(code, { code, detail, sinceMs: known?.sinceMs ?? this.#clock.utcMs() });
  }

  clear(code: string): void {
    if (this.#raised.delete(code)) this.#log.info({ code }, "alarm over");
  }

  /** Longest standing first. */
  list(): RaisedAlarm[] {
    return [...this.#raised.values()].sort((a, b) => a.sinceMs - b.sinceMs);
  }
}

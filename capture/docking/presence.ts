/** What a person should look at, one alarm a code. */
export interface DockAlarms {
  raise(code: string, detail: string): void;
  clear(code: string): void;
}

const ALARM = "recorder-twice";

/**
 * Which recorders are in the dock now, by serial. Accounts are by serial, and cheap makes share one among
 * thousands: while two of one serial are here, nothing is removed from either.
 */
export class Presence {
  readonly #alarms: DockAlarms;
  /** Bays of each serial, who came first first. */
  readonly #bays = new Map<string, { bay: string }[]>();

  constructor(alarms: DockAlarms) {
    this.#alarms = alarms;
  }

  /** Counts a recorder until `signal` aborts. Answers the bay of the one that has this serial already; null: none. */
  enter(serial: string, bay: string, signal: AbortSignal): string | null {
    if (signal.aborted) return null;
    const here = this.#bays.get(serial) ?? [];
    const [first] = here;
    const own = { bay };
    this.#bays.set(serial, [...here, own]);
    signal.addEventListener("abort", () => this.#leave(serial, own), { once: true });
    if (first === undefined) return null;
    this.#alarms.raise(ALARM, `${serial}: bays ${[...here, own].map((one) => one.bay).join(", ")}`);
    return first.bay;
  }

  /** False while two recorders of this serial are docked. */
  isAlone(serial: string): boolean {
    return (this.#bays.get(serial)?.length ?? 0) <= 1;
  }

  #leave(serial: string, own: { bay: string }): void {
    const left = (this.#bays.get(serial) ?? []).filter((one) => one !== own);
    if (left.length === 0) this.#bays.delete(serial);
    else this.#bays.set(serial, left);
    if ([...this.#bays.values()].every((bays) => bays.length <= 1)) this.#alarms.clear(ALARM);
  }
}

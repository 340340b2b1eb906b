/** What a person must know; each stays up until its cause is gone. */
export type AlarmCode =
  | "receiver-unknown"
  | "receiver-lost-data"
  | "receiver-full"
  | "ledger-mismatch"
  | "ledger-rolled-back"
  | "ledger-forked"
  | "media-damaged"
  | "media-refused"
  | "refused-bad-entry"
  | "refused-fork"
  | "refused-unknown-device"
  | "refused-unauthorized"
  | "refused-too-large"
  | "refused-unsupported";

/** A receiver refuses what it is sent. They go down together, when it takes it again. */
export const REFUSED_ALARMS = [
  "refused-bad-entry",
  "refused-fork",
  "refused-unknown-device",
  "refused-unauthorized",
  "refused-too-large",
  "refused-unsupported",
] as const satisfies AlarmCode[];

export class Alarms {
  readonly #raised = new Map<AlarmCode, string>();
  readonly #onChange: (code: AlarmCode, detail: string | null) => void;

  /** `onChange` hears each alarm once as it goes up or changes, and with null as it goes down. */
  constructor(onChange: (code: AlarmCode, detail: string | null) => void) {
    this.#onChange = onChange;
  }

  raise(code: AlarmCode, detail: string): void {
    if (this.#raised.get(code) === detail) return;
    this.#raised.set(code, detail);
    this.#onChange(code, detail);
  }

  clear(...codes: AlarmCode[]): void {
    for (const code of codes) if (this.#raised.delete(code)) this.#onChange(code, null);
  }

  get codes(): AlarmCode[] {
    return [...this.#raised.keys()].sort();
  }
}

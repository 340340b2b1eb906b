const HOLD_MS = 600_000;

type Suspicion =
  /** Our own copy is to be read again. */
  | { kind: "to-check"; strikes: number }
  | { kind: "checking"; strikes: number }
  /** Our copy is good: it is sent again. */
  | { kind: "sent-again" }
  /** Refused twice though our copy is good. */
  | { kind: "held"; untilMs: number }
  /** Our own copy is gone or wrong: nothing to send. */
  | { kind: "damaged" };

/** Files that the receiver called wrong, or that cannot be read here. */
export class Suspects {
  readonly #files = new Map<string, Suspicion>();

  /** The receiver dropped the file. */
  refused(digest: string): void {
    const { kind } = this.#files.get(digest) ?? { kind: "none" };
    if (kind === "checking" || kind === "to-check" || kind === "damaged" || kind === "held") return;
    this.#files.set(digest, { kind: "to-check", strikes: kind === "sent-again" ? 2 : 1 });
  }

  /** The next file whose own copy is to be read and hashed again; null: none. */
  nextCheck(): string | null {
    for (const [digest, suspicion] of this.#files) {
      if (suspicion.kind !== "to-check") continue;
      this.#files.set(digest, { kind: "checking", strikes: suspicion.strikes });
      return digest;
    }
    return null;
  }

  /** What reading our own copy gave. Answers what an alarm is due for. */
  checked(digest: string, isGood: boolean, nowMs: number): "damaged" | "refused-twice" | null {
    if (!isGood) {
      this.#files.set(digest, { kind: "damaged" });
      return "damaged";
    }
    const suspicion = this.#files.get(digest);
    if (suspicion?.kind !== "checking") return null;
    if (suspicion.strikes < 2) {
      this.#files.set(digest, { kind: "sent-again" });
      return null;
    }
    this.#files.set(digest, { kind: "held", untilMs: nowMs + HOLD_MS });
    return "refused-twice";
  }

  /** True while nothing of the file may be sent. */
  isKeptBack(digest: string, nowMs: number): boolean {
    const suspicion = this.#files.get(digest);
    if (suspicion === undefined || suspicion.kind === "sent-again") return false;
    if (suspicion.kind !== "held" || nowMs < suspicion.untilMs) return true;
    this.#files.set(digest, { kind: "sent-again" });
    return false;
  }

  /** When the next held file may be sent again; null: none is held. */
  get holdEndsMs(): number | null {
    const ends = [...this.#files.values()].flatMap((file) => (file.kind === "held" ? [file.untilMs] : []));
    return ends.length === 0 ? null : Math.min(...ends);
  }

  /** The receiver holds the file whole. */
  settled(digest: string): void {
    this.#files.delete(digest);
  }
}

/** A stretch of silenced sound in the stream's time, µs; `toUs` null: it goes on. */
export interface Silence {
  readonly fromUs: number;
  toUs: number | null;
}

/** When the sound of the present stream was silenced, as far back as a recording may still reach. */
export class SilenceLog {
  #spans: Silence[] = [];

  get spans(): readonly Silence[] {
    return this.#spans;
  }

  /** A new stream starts, with or without sound. */
  reset(silent: boolean): void {
    this.#spans = silent ? [{ fromUs: 0, toUs: null }] : [];
  }

  /** Silent from `fromUs` on; at `nowUs` a stretch whose end still lies ahead goes on instead. */
  begin(fromUs: number, nowUs: number): void {
    const last = this.#spans.at(-1);
    if (last !== undefined && (last.toUs === null || last.toUs > nowUs)) last.toUs = null;
    else this.#spans.push({ fromUs, toUs: null });
  }

  /** Sound is certainly back at `toUs`, which may still lie ahead. */
  end(toUs: number): void {
    const last = this.#spans.at(-1);
    if (last !== undefined) last.toUs ??= toUs;
  }

  /** Forgets what was over before a moment that no recording reaches back to any more. */
  forgetBefore(us: number): void {
    this.#spans = this.#spans.filter(({ toUs }) => toUs === null || toUs >= us);
  }
}

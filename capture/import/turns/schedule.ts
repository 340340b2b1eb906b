import type { Preferences } from "./preferences.ts";

/** Work on one file, which takes turns with others on its thread. */
export interface Turn {
  readonly serial: string;
  readonly path?: string;
  /** Number of the thread that holds it. */
  readonly thread: number;
  canStep(): boolean;
  /** Resolves when its thread can take another step; never rejects. */
  step(): Promise<void>;
}

/** Steps that a thread has at once: one that it reads, others that become durable or wait for their recorder. */
const STEPS_IN_FLIGHT = 4;

/**
 * Whose turn it is: chunk by chunk, what is preferred first, then the recorder that has waited longest, and
 * of its files the one that has.
 */
export class Schedule {
  readonly #preferences: Preferences;
  readonly #inFlight: number[];
  /** Number of its last turn. */
  readonly #turns = new Map<Turn, number>();
  /** Number of the last turn that any of its files had. */
  readonly #serials = new Map<string, number>();
  #turn = 0;

  constructor(threads: number, preferences: Preferences) {
    this.#inFlight = new Array<number>(threads).fill(0);
    this.#preferences = preferences;
  }

  add(turn: Turn): void {
    // a newcomer neither waits for those who had many turns nor goes before those who wait
    this.#turns.set(turn, this.#turn);
    if (!this.#serials.has(turn.serial)) this.#serials.set(turn.serial, this.#turn);
    this.pump();
  }

  remove(turn: Turn): void {
    this.#turns.delete(turn);
    for (const other of this.#turns.keys()) if (other.serial === turn.serial) return;
    this.#serials.delete(turn.serial);
  }

  /** Gives out the turns that are free. To be called when a file may go on. */
  pump(): void {
    for (let thread = 0; thread < this.#inFlight.length; thread++) {
      while ((this.#inFlight[thread] as number) < STEPS_IN_FLIGHT) {
        const next = this.#next(thread);
        if (next === null) break;
        this.#give(next);
      }
    }
  }

  #give(turn: Turn): void {
    this.#turn++;
    this.#turns.set(turn, this.#turn);
    this.#serials.set(turn.serial, this.#turn);
    this.#count(turn.thread, 1);
    void turn.step().finally(() => {
      this.#count(turn.thread, -1);
      this.pump();
    });
  }

  #count(thread: number, by: number): void {
    this.#inFlight[thread] = (this.#inFlight[thread] as number) + by;
  }

  #next(thread: number): Turn | null {
    let best: { turn: Turn; order: [number, number, number] } | null = null;
    for (const [turn, lastTurn] of this.#turns) {
      if (turn.thread !== thread || !turn.canStep()) continue;
      const order: [number, number, number] = [
        -this.#preferences.rank(turn),
        this.#serials.get(turn.serial) ?? 0,
        lastTurn,
      ];
      if (best === null || isBefore(order, best.order)) best = { turn, order };
    }
    return best?.turn ?? null;
  }
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at >= 0 && (a[at] as number) < (b[at] as number);
}

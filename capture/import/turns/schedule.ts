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

/** A recorder that comes later than others may be so many turns behind them, and catches up. */
const CATCH_UP_TURNS = 4;
/** Recorders between two files whose turns are remembered: a new file is no new recorder. */
const MAX_REMEMBERED = 256;

/** The turns of all files of one recorder. */
interface Share {
  turns: number;
  lastTurn: number;
  files: number;
}

/**
 * Whose turn it is: chunk by chunk, what is preferred first, then the recorder that had fewest turns while it
 * was there, and of its files the one that has waited longest.
 */
export class Schedule {
  readonly #preferences: Preferences;
  readonly #inFlight: number[];
  /** Number of its last turn. */
  readonly #turns = new Map<Turn, number>();
  readonly #shares = new Map<string, Share>();
  #turn = 0;

  constructor(threads: number, preferences: Preferences) {
    this.#inFlight = new Array<number>(threads).fill(0);
    this.#preferences = preferences;
  }

  add(turn: Turn): void {
    this.#turns.set(turn, this.#turn);
    const share = this.#shares.get(turn.serial) ?? { turns: 0, lastTurn: this.#turn, files: 0 };
    // what it missed while it was not there is not made up for
    if (share.files === 0) share.turns = Math.max(share.turns, this.#fewestTurns() - CATCH_UP_TURNS);
    share.files++;
    this.#shares.set(turn.serial, share);
    this.pump();
  }

  remove(turn: Turn): void {
    if (!this.#turns.delete(turn)) return;
    const share = this.#shares.get(turn.serial);
    if (share !== undefined) share.files--;
    if (this.#shares.size <= MAX_REMEMBERED) return;
    for (const [serial, { files }] of this.#shares) if (files === 0) this.#shares.delete(serial);
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
    const share = this.#shares.get(turn.serial);
    if (share !== undefined) {
      share.turns++;
      share.lastTurn = this.#turn;
    }
    this.#count(turn.thread, 1);
    void turn.step().finally(() => {
      this.#count(turn.thread, -1);
      this.pump();
    });
  }

  #count(thread: number, by: number): void {
    this.#inFlight[thread] = (this.#inFlight[thread] as number) + by;
  }

  /** Of a recorder that has files here now. */
  #fewestTurns(): number {
    const present = [...this.#shares.values()].filter(({ files }) => files > 0);
    return present.length === 0 ? 0 : Math.min(...present.map(({ turns }) => turns));
  }

  #next(thread: number): Turn | null {
    let best: { turn: Turn; order: number[] } | null = null;
    for (const [turn, lastTurn] of this.#turns) {
      if (turn.thread !== thread || !turn.canStep()) continue;
      const share = this.#shares.get(turn.serial);
      const order = [-this.#preferences.rank(turn), share?.turns ?? 0, share?.lastTurn ?? 0, lastTurn];
      if (best === null || isBefore(order, best.order)) best = { turn, order };
    }
    return best?.turn ?? null;
  }
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at >= 0 && (a[at] as number) < (b[at] as number);
}

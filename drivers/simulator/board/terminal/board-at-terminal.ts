import type { Clock } from "../../../../config/base/clock.ts";
import type { SimulatedBoard } from "../simulated-board.ts";
import { PseudoTerminal } from "./pseudo-terminal.ts";

/** A simulated board whose plug is a pseudo-terminal at a path that stays the same. */
export class BoardAtTerminal {
  readonly #board: SimulatedBoard;
  readonly #link: string;
  readonly #clock: Clock;
  readonly #onGone: () => void;
  #terminal: PseudoTerminal | null = null;

  /** `onGone` is told when the terminal ends without being unplugged. */
  constructor(board: SimulatedBoard, link: string, clock: Clock, onGone: () => void = () => undefined) {
    this.#onGone = onGone;
    this.#board = board;
    this.#link = link;
    this.#clock = clock;
  }

  /** Throws what `PseudoTerminal.open` throws. */
  async plug(): Promise<void> {
    if (this.#terminal !== null) return;
    const receive = (bytes: Uint8Array) => this.#board.receive(bytes);
    const terminal = await PseudoTerminal.open(this.#link, receive, this.#clock);
    this.#terminal = terminal;
    this.#board.plug((bytes) => terminal.write(bytes));
    void terminal.gone().then(() => {
      if (this.#terminal !== terminal) return;
      void this.unplug();
      this.#onGone();
    });
  }

  async unplug(): Promise<void> {
    this.#board.unplug();
    const terminal = this.#terminal;
    this.#terminal = null;
    await terminal?.close();
  }
}

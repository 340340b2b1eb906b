import { createConnection, type Socket } from "node:net";
import { systemClock } from "../../../config/base/clock.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { Framing } from "../../../drivers/serial/frames/framing.ts";
import { SimulatedBoard } from "../../../drivers/simulator/board/simulated-board.ts";
import type { LineEnd } from "../wire/messages.ts";

/** The far end of the machine's serial line, on the host. */
export class FarEnd {
  readonly #socket: Socket;
  readonly #board: SimulatedBoard;
  readonly #ending = new AbortController();
  #does: LineEnd = "echo";

  private constructor(path: string, framing: Framing) {
    this.#board = new SimulatedBoard({
      framing,
      clock: systemClock,
      random: systemRandom,
      onSight: () => {},
    });
    this.#socket = createConnection(path);
    this.#socket.on("error", () => {});
    this.#socket.on("data", (bytes: Buffer) => {
      switch (this.#does) {
        case "echo":
          this.#socket.write(bytes);
          break;
        case "board":
          this.#board.receive(bytes);
      }
    });
    void this.#board.run(this.#ending.signal);
  }

  /** At QEMU's socket at `path`. */
  static async connect(path: string): Promise<FarEnd> {
    return new FarEnd(path, await Framing.load());
  }

  become(does: LineEnd): void {
    if (this.#does === does) return;
    this.#does = does;
    if (does === "board") this.#board.plug((bytes) => void this.#socket.write(bytes));
    else this.#board.unplug();
  }

  /** Somebody presses the record button of the board. */
  press(): void {
    this.#board.press("record", "short");
  }

  close(): void {
    this.#ending.abort();
    this.#socket.destroy();
  }
}

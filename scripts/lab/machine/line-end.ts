import { createConnection, type Socket } from "node:net";
import { systemClock } from "../../../config/base/clock.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { Framing } from "../../../drivers/serial/frames/framing.ts";
import { SimulatedBoard } from "../../../drivers/simulator/board/simulated-board.ts";
import type { LineEnd } from "../wire/messages.ts";

const RECONNECT_MS = 100;

/** The far end of the machine's serial line, on the host. */
export class FarEnd {
  readonly #path: string;
  readonly #board: SimulatedBoard;
  readonly #ending = new AbortController();
  #socket: Socket | null = null;
  #does: LineEnd = "echo";
  #onPowerCut: () => void = () => {};

  private constructor(path: string, framing: Framing) {
    this.#path = path;
    this.#board = new SimulatedBoard({
      framing,
      clock: systemClock,
      random: systemRandom,
      onSight: ({ kind }) => {
        if (kind === "power-cut") this.#onPowerCut();
      },
    });
    void this.#board.run(this.#ending.signal);
    this.#connect();
  }

  /** At QEMU's socket at `path`. */
  static async connect(path: string): Promise<FarEnd> {
    return new FarEnd(path, await Framing.load());
  }

  become(does: LineEnd): void {
    if (this.#does === does) return;
    this.#does = does;
    if (does === "board") this.#board.plug((bytes) => void this.#socket?.write(bytes));
    else this.#board.unplug();
  }

  /** Somebody presses the record button of the board. */
  press(): void {
    this.#board.press("record", "short");
  }

  /** Whether the unit stands in its dock, as its board tells. */
  charge(charging: "no" | "yes"): void {
    this.#board.setBattery({ percent: 80, milliVolts: 3_900, charging });
  }

  /** Tells that the power goes; resolves when the board would take it away: then, or as soon as the unit is ready. */
  async powerOff(seconds: number): Promise<void> {
    const cut = new Promise<void>((resolve) => {
      this.#onPowerCut = resolve;
    });
    this.#board.powerOff(seconds, "switch");
    await cut;
  }

  close(): void {
    this.#ending.abort();
    this.#socket?.destroy();
  }

  /** QEMU may close its end when the port is pulled out, and listens again. */
  #connect(): void {
    const socket = createConnection(this.#path);
    this.#socket = socket;
    socket.on("error", () => {});
    socket.on("data", (bytes: Buffer) => {
      switch (this.#does) {
        case "echo":
          socket.write(bytes);
          break;
        case "board":
          this.#board.receive(bytes);
      }
    });
    socket.once("close", () => {
      if (!this.#ending.signal.aborted) setTimeout(() => this.#connect(), RECONNECT_MS);
    });
  }
}

import { AgentError } from "../../../config/base/errors.ts";
import type { OpenSerialPort, SerialPort } from "../../serial/line/serial-port.ts";
import type { SimulatedBoard } from "./simulated-board.ts";

/** A simulated board at a serial port that is a piece of memory, for demos and tests without a terminal. */
export class VirtualPort {
  readonly #board: SimulatedBoard;
  readonly #path: string;
  #isPlugged = true;
  #opened: OpenedPort | null = null;
  /** How often it was opened. */
  openings = 0;

  constructor(board: SimulatedBoard, path = "virtual board") {
    this.#board = board;
    this.#path = path;
  }

  readonly open: OpenSerialPort = async (signal) => {
    signal.throwIfAborted();
    if (!this.#isPlugged) throw new AgentError("serial-missing", this.#path);
    if (this.#opened !== null) throw new AgentError("serial-busy", this.#path);
    this.openings++;
    const port = new OpenedPort(this.#path, this.#board, () => {
      this.#opened = null;
    });
    this.#opened = port;
    return port;
  };

  unplug(): void {
    this.#isPlugged = false;
    void this.#opened?.close(new AgentError("serial-gone", this.#path));
  }

  replug(): void {
    this.#isPlugged = true;
  }
}

class OpenedPort implements SerialPort {
  readonly path: string;
  readonly ended: Promise<AgentError>;
  readonly #board: SimulatedBoard;
  #end: (reason: AgentError) => void = () => undefined;
  #endedWith: AgentError | null = null;

  constructor(path: string, board: SimulatedBoard, onEnd: () => void) {
    this.path = path;
    this.#board = board;
    this.ended = new Promise((resolve) => {
      this.#end = (reason) => {
        onEnd();
        resolve(reason);
      };
    });
  }

  deliverTo(handler: (bytes: Uint8Array) => void): void {
    this.#board.plug((bytes) => {
      const copy = Buffer.from(bytes);
      queueMicrotask(() => {
        if (this.#endedWith === null) handler(copy);
      });
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#endedWith !== null) throw this.#endedWith;
    this.#board.receive(bytes);
  }

  async close(reason = new AgentError("serial-closed", this.path)): Promise<void> {
    if (this.#endedWith !== null) return;
    this.#endedWith = reason;
    this.#board.unplug();
    this.#end(reason);
  }
}

import { createConnection, type Socket } from "node:net";
import type { LineEnd } from "../wire/messages.ts";

/** The far end of the machine's serial line, on the host. */
export class FarEnd {
  readonly #socket: Socket;
  #does: LineEnd = "echo";

  constructor(path: string) {
    this.#socket = createConnection(path);
    this.#socket.on("error", () => {});
    this.#socket.on("data", (bytes: Buffer) => {
      if (this.#does === "echo") this.#socket.write(bytes);
    });
  }

  become(does: LineEnd): void {
    this.#does = does;
  }

  close(): void {
    this.#socket.destroy();
  }
}

import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { Aedes } from "aedes";

export interface Published {
  topic: string;
  qos: number;
  retain: boolean;
  payload: Buffer;
}

/** A platform's own MQTT broker, which may go away and come back under the same address. */
export class Platform {
  readonly taken: Published[] = [];
  #aedes: Aedes | null = null;
  #server: Server | null = null;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  static async open(t: TestContext): Promise<Platform> {
    const platform = new Platform();
    await platform.come();
    t.after(() => platform.go());
    return platform;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.#port}`;
  }

  async come(): Promise<void> {
    const aedes = new Aedes();
    await aedes.listen();
    aedes.on("publish", ({ topic, qos, retain, payload }, client) => {
      if (client !== null) this.taken.push({ topic, qos, retain, payload: Buffer.from(payload) });
    });
    this.#aedes = aedes;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      aedes.handle(socket);
    });
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async go(): Promise<void> {
    const [server, aedes] = [this.#server, this.#aedes];
    if (server === null || aedes === null) return;
    this.#server = null;
    const closed = once(server, "close");
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => aedes.close(resolve));
    await closed;
  }

  /** What was said to it from here on, as JSON by key. */
  told(): Record<string, unknown>[] {
    return this.taken.map(({ payload }) => JSON.parse(payload.toString()) as Record<string, unknown>);
  }
}

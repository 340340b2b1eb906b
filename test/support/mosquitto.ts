import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { temporaryDirectory } from "./surroundings.ts";

const START_TIMEOUT_MS = 30_000;

/** A Mosquitto of the test's own: free port, own configuration, own persistent state, gone after the test. */
export class Mosquitto {
  readonly port: number;
  readonly #directory: string;
  #process: ChildProcess | null = null;
  #errors = "";

  private constructor(directory: string, port: number) {
    this.#directory = directory;
    this.port = port;
  }

  /** Starts one. `settings` are lines of mosquitto.conf; without any, everybody may do everything. */
  static async start(
    t: TestContext,
    settings: readonly string[] = ["allow_anonymous true"],
  ): Promise<Mosquitto> {
    const directory = temporaryDirectory(t);
    const broker = new Mosquitto(directory, await freePort());
    mkdirSync(broker.#stateDirectory);
    // it gives up root for a user of its own
    chmodSync(directory, 0o755);
    chmodSync(broker.#stateDirectory, 0o777);
    const lines = [
      `listener ${broker.port} 127.0.0.1`,
      "persistence true",
      `persistence_location ${broker.#stateDirectory}/`,
      "autosave_interval 1",
      "log_dest stderr",
      "log_type error",
      "set_tcp_nodelay true",
      "max_queued_messages 1000",
      ...settings,
    ];
    writeFileSync(broker.#configFile, `${lines.join("\n")}\n`);
    t.after(() => broker.kill());
    await broker.restart();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** SIGKILL: nothing is flushed. Resolves when the process is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  /** Forgets whatever it had kept. Only while it is not running. */
  wipe(): void {
    rmSync(this.#stateDirectory, { recursive: true });
    mkdirSync(this.#stateDirectory);
    chmodSync(this.#stateDirectory, 0o777);
  }

  /** Starts it again on the same port; resolves when it accepts connections. */
  async restart(): Promise<void> {
    const child = spawn("mosquitto", ["-c", this.#configFile], { stdio: ["ignore", "ignore", "pipe"] });
    child.stderr.on("data", (chunk) => {
      this.#errors += String(chunk);
    });
    this.#process = child;
    const endMs = Date.now() + START_TIMEOUT_MS;
    while (!(await accepts(this.port))) {
      if (child.exitCode !== null || Date.now() > endMs)
        throw new Error(`Mosquitto did not start: ${this.#errors}`);
      await delay(20);
    }
  }

  get #configFile(): string {
    return join(this.#directory, "mosquitto.conf");
  }

  get #stateDirectory(): string {
    return join(this.#directory, "state");
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

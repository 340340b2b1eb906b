import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { temporaryDirectory } from "../surroundings.ts";

/** A datagram socket as systemd has one; each datagram as a line of JSON. */
const LISTEN = `
import json, socket, sys
taken = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
taken.bind(sys.argv[1])
print(json.dumps("listening"), flush=True)
while True:
    print(json.dumps(taken.recv(4096).decode()), flush=True)
`;

/** What a service tells its manager over the socket of sd_notify(3); gone with the test. */
export class ServiceManager {
  readonly socket: string;
  /** In order, without the barriers that only synchronise. */
  readonly told: string[] = [];

  private constructor(socket: string) {
    this.socket = socket;
  }

  static async start(t: TestContext): Promise<ServiceManager> {
    const manager = new ServiceManager(join(temporaryDirectory(t), "notify"));
    const child = spawn("python3", ["-c", LISTEN, manager.socket], { stdio: ["ignore", "pipe", "inherit"] });
    t.after(() => child.kill("SIGKILL"));
    const lines = createInterface({ input: child.stdout });
    // its first line says that it listens
    await once(lines, "line");
    lines.on("line", (line) => manager.#take(JSON.parse(line)));
    return manager;
  }

  #take(datagram: string): void {
    const told = datagram.split("\n").filter((line) => line !== "" && !line.startsWith("BARRIER"));
    this.told.push(...told);
  }
}

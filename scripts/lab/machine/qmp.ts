import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { systemClock } from "../../../config/base/clock.ts";
import { linesOf, sendLine } from "../wire/json-lines.ts";

type QmpLine =
  | { return: unknown; id: number }
  | { error: { class: string; desc: string }; id: number }
  | { event: string; data?: { device?: string } }
  | { QMP: unknown };

const CONNECT_TIMEOUT_MS = 20_000;
const COMMAND_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

/** QEMU's own control line (QMP): pulls devices out of the machine and plugs them in again. */
export class Qmp {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, { done: (value: unknown) => void; failed: (error: Error) => void }>();
  readonly #deleted = new Map<string, () => void>();
  #lastId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Waits until QEMU listens at `path`, and greets it. */
  static async connect(path: string): Promise<Qmp> {
    const socket = await connected(path);
    const qmp = new Qmp(socket);
    void qmp.#listen();
    await qmp.command("qmp_capabilities", {});
    return qmp;
  }

  /** Throws QEMU's complaint, or after a minute. */
  async command(execute: string, args: object): Promise<unknown> {
    const id = ++this.#lastId;
    const answered = new Promise<unknown>((done, failed) => this.#waiting.set(id, { done, failed }));
    sendLine(this.#socket, { execute, arguments: args, id });
    return await inTime(answered, execute);
  }

  /** Pulls a device out; resolves when it is gone. */
  async unplug(device: string): Promise<void> {
    const gone = new Promise<void>((done) => this.#deleted.set(device, done));
    await this.command("device_del", { id: device });
    await inTime(gone, `DEVICE_DELETED ${device}`);
  }

  async plug(device: string, properties: object): Promise<void> {
    await this.command("device_add", { id: device, ...properties });
  }

  close(): void {
    this.#socket.destroy();
  }

  async #listen(): Promise<void> {
    try {
      for await (const line of linesOf<QmpLine>(this.#socket)) this.#hear(line);
    } finally {
      for (const { failed } of this.#waiting.values()) failed(new Error("QEMU closed its control line"));
    }
  }

  #hear(line: QmpLine): void {
    if ("event" in line) {
      if (line.event === "DEVICE_DELETED") this.#deleted.get(line.data?.device ?? "")?.();
    } else if ("return" in line) {
      this.#waiting.get(line.id)?.done(line.return);
      this.#waiting.delete(line.id);
    } else if ("error" in line) {
      this.#waiting.get(line.id)?.failed(new Error(`QEMU: ${line.error.desc}`));
      this.#waiting.delete(line.id);
    }
  }
}

async function connected(path: string): Promise<Socket> {
  const endUs = systemClock.monoUs() + CONNECT_TIMEOUT_MS * 1000;
  for (;;) {
    const socket = createConnection(path);
    try {
      await once(socket, "connect");
      socket.on("error", () => {});
      return socket;
    } catch (error) {
      if (systemClock.monoUs() > endUs) throw error;
      await systemClock.sleep(POLL_MS);
    }
  }
}

/** What `promise` brings, unless that takes more than a minute. */
async function inTime<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  const late = new AbortController();
  const timeout = systemClock.sleep(COMMAND_TIMEOUT_MS, late.signal).then(() => {
    throw new Error(`not within ${COMMAND_TIMEOUT_MS} ms: ${what}`);
  });
  timeout.catch(() => {});
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    late.abort();
  }
}

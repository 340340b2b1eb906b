import { existsSync, realpathSync } from "node:fs";
import type { SerialPort as PackagePort } from "serialport";
import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { OpenSerialPort, SerialPort } from "./serial-port.ts";

const OPEN_TIMEOUT_MS = 5_000;
const LOOK_MS = 500;
const WRITE_TIMEOUT_MS = 1_000;
const CLOSE_TIMEOUT_MS = 2_000;
/** More than this waiting to leave means that nothing leaves. */
const MAX_UNSENT_BYTES = 4_096;
/** Also the size of the pool that the package reads into. */
const READ_BYTES = 4_096;

export interface SystemPortOptions {
  /** A path that stays the same over replugging, such as `/dev/serial/by-id/…`. */
  path: string;
  baud: number;
  clock: Clock;
}

/** Opens a serial port of this machine with the serialport package, 8 data bits, no parity, 1 stop bit. */
export function systemPort({ path, baud, clock }: SystemPortOptions): OpenSerialPort {
  return async (signal) => {
    signal.throwIfAborted();
    // 10 MB that a process without serial devices does not need
    const { SerialPort: Port } = await import("serialport");
    const port = new Port({ path, baudRate: baud, autoOpen: false, highWaterMark: READ_BYTES });
    await opened(port, clock, signal);
    return new SystemPort(port, clock);
  };
}

/** Resolves when the port is open; a port that opens after that was given up is closed. */
async function opened(port: PackagePort, clock: Clock, signal: AbortSignal): Promise<void> {
  const waiting = new AbortController();
  const opening = new Promise<void>((resolve, reject) => {
    port.open((error) => (error ? reject(openFailure(port.path, error)) : resolve()));
  });
  const onAbort = () => waiting.abort();
  signal.addEventListener("abort", onAbort, { once: true });
  const timeout = clock.sleep(OPEN_TIMEOUT_MS, waiting.signal).then(() => {
    throw new AgentError("serial-failed", `${port.path}: does not open`);
  });
  timeout.catch(() => undefined);
  try {
    await Promise.race([opening, timeout]);
    signal.throwIfAborted();
  } catch (error) {
    port.on("error", () => undefined);
    opening.then(
      () => port.close(() => undefined),
      () => undefined,
    );
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
    waiting.abort();
  }
}

/** The package hands system errors on as text only. */
function openFailure(path: string, cause: Error): AgentError {
  if (/no such (file|device)/i.test(cause.message)) {
    return new AgentError("serial-missing", path, { cause, next: "plug it in, or correct the path" });
  }
  if (/permission denied|access denied/i.test(cause.message)) {
    return new AgentError("serial-access", path, { cause, next: "join the group that owns it" });
  }
  if (/lock|busy|resource temporarily unavailable/i.test(cause.message)) {
    return new AgentError("serial-busy", path, { cause, next: "stop the program that uses it" });
  }
  return new AgentError("serial-failed", `${path}: ${cause.message}`, { cause });
}

/** The device node behind a stable path; the path itself where that has gone already. */
function nodeOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

class SystemPort implements SerialPort {
  readonly path: string;
  readonly ended: Promise<AgentError>;
  readonly #port: PackagePort;
  readonly #clock: Clock;
  readonly #end: (reason: AgentError) => void;
  /** Writes that have not come to an end. */
  readonly #writes = new Set<(failure: AgentError) => void>();
  #endedWith: AgentError | null = null;
  #closing: Promise<void> | null = null;

  constructor(port: PackagePort, clock: Clock) {
    this.path = port.path;
    this.#port = port;
    this.#clock = clock;
    let end: (reason: AgentError) => void = () => undefined;
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    const over = new AbortController();
    this.#end = (reason) => {
      over.abort();
      this.#endedWith ??= reason;
      for (const settle of this.#writes) settle(this.#endedWith);
      end(this.#endedWith);
    };
    // an unplugged port closes with the reason, without an `error` event
    port.on("close", (cause: Error | null) => this.#end(new AgentError("serial-gone", port.path, { cause })));
    port.on("error", (cause) => void this.close(new AgentError("serial-gone", port.path, { cause })));
    void this.#watchNode(nodeOf(port.path), over.signal);
  }

  deliverTo(handler: (bytes: Uint8Array) => void): void {
    this.#port.on("data", (bytes: Buffer) => {
      if (this.#endedWith === null) handler(bytes);
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    // the package keeps what is written to a closed port, and would write it to the next device
    if (this.#endedWith !== null) throw this.#endedWith;
    if (this.#port.writableLength + bytes.length > MAX_UNSENT_BYTES) throw this.#stuck();
    await new Promise<void>((resolve, reject) => {
      const waiting = new AbortController();
      const settle = (failure: AgentError | null) => {
        this.#writes.delete(settle);
        waiting.abort();
        if (failure === null) resolve();
        else reject(failure);
      };
      this.#writes.add(settle);
      this.#port.write(Buffer.from(bytes), (cause) =>
        settle(cause ? new AgentError("serial-gone", this.path, { cause }) : null),
      );
      // that callback may never come after an unplug
      this.#clock.sleep(WRITE_TIMEOUT_MS, waiting.signal).then(
        () => settle(this.#stuck()),
        () => undefined,
      );
    });
  }

  close(reason = new AgentError("serial-closed", this.path)): Promise<void> {
    this.#endedWith ??= reason;
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #stuck(): AgentError {
    void this.close(new AgentError("serial-stuck", this.path));
    return this.#endedWith as AgentError;
  }

  /** A line may be hung up without an error, and then reads nothing for ever: its device node is gone all the same. */
  async #watchNode(node: string, over: AbortSignal): Promise<void> {
    while (this.#endedWith === null) {
      await this.#clock.sleep(LOOK_MS, over).catch(() => undefined);
      if (this.#endedWith === null && !existsSync(node)) void this.close(new AgentError("serial-gone", node));
    }
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      if (!this.#port.isOpen) return resolve();
      // what waits to leave would hold up the close
      this.#port.flush(() => this.#port.close(() => resolve()));
    });
    const waiting = new AbortController();
    await Promise.race([closed, this.#clock.sleep(CLOSE_TIMEOUT_MS, waiting.signal).catch(() => undefined)]);
    waiting.abort();
    this.#end(this.#endedWith as AgentError);
  }
}

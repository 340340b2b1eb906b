import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { Random } from "../../../config/base/random.ts";
import type { OpenSerialPort, SerialPort } from "../../../drivers/serial/line/serial-port.ts";

export interface Loopback {
  sent_bytes: number;
  received_bytes: number;
  /** Bytes that came back as others. */
  wrong_bytes: number;
  /** Bytes that never came back. */
  lost_bytes: number;
  /** More came back than was sent. */
  extra_bytes: number;
  elapsed_ms: number;
}

export interface LoopbackParts {
  open: OpenSerialPort;
  clock: Clock;
  random: Random;
  baud: number;
}

/** Harmless to whatever may hang on a line that is not bridged: eight letters, and no frame of any protocol. */
const FIRST = Buffer.from("loopback", "latin1");
/** Each block is awaited before the next: what is lost in one does not shift the others. */
const BLOCK_BYTES = 256;
/** Start bit, eight of data, stop bit. */
const BITS_A_BYTE = 10;
/** What USB adapters and the system may hold back. */
const SLACK_MS = 300;

/**
 * Sends random bytes over a line whose TX is bridged to its RX, and compares what comes back. Throws what opening
 * throws, `loopback-open` when nothing of the first eight bytes comes back, or why the line ended.
 */
export async function loopback(
  { open, clock, random, baud }: LoopbackParts,
  bytes: number,
  signal: AbortSignal,
): Promise<Loopback> {
  const port = await open(signal);
  try {
    const line = new EchoLine(port, clock, baud);
    if ((await line.echo(FIRST, signal)).length === 0) {
      throw new AgentError("loopback-open", port.path, { next: "bridge TX and RX" });
    }
    const begunUs = clock.monoUs();
    const result = { sent_bytes: 0, received_bytes: 0, wrong_bytes: 0, lost_bytes: 0, extra_bytes: 0 };
    while (result.sent_bytes < bytes) {
      const block = random.bytes(Math.min(BLOCK_BYTES, bytes - result.sent_bytes));
      const back = await line.echo(block, signal);
      const common = Math.min(block.length, back.length);
      result.sent_bytes += block.length;
      result.received_bytes += back.length;
      result.lost_bytes += block.length - common;
      result.extra_bytes += back.length - common;
      for (let i = 0; i < common; i++) if (block[i] !== back[i]) result.wrong_bytes++;
    }
    return { ...result, elapsed_ms: Math.round((clock.monoUs() - begunUs) / 1000) };
  } finally {
    await port.close();
  }
}

class EchoLine {
  readonly #port: SerialPort;
  readonly #clock: Clock;
  readonly #baud: number;
  #back: Buffer[] = [];
  #wanted = 0;
  #onEnough: () => void = () => {};

  constructor(port: SerialPort, clock: Clock, baud: number) {
    this.#port = port;
    this.#clock = clock;
    this.#baud = baud;
    port.deliverTo((bytes) => {
      this.#back.push(Buffer.from(bytes));
      this.#wanted -= bytes.length;
      if (this.#wanted <= 0) this.#onEnough();
    });
  }

  /** What came back of `block` until as much had come as was sent, or the time for it was over. */
  async echo(block: Buffer, signal: AbortSignal): Promise<Buffer> {
    this.#back = [];
    this.#wanted = block.length;
    const waiting = new AbortController();
    const enough = new Promise<void>((resolve) => {
      this.#onEnough = resolve;
    });
    const timeMs = (block.length * BITS_A_BYTE * 1000 * 2) / this.#baud + SLACK_MS;
    const late = this.#clock.sleep(timeMs, AbortSignal.any([signal, waiting.signal])).catch(() => {});
    const ended = this.#port.ended.then((reason) => {
      throw reason;
    });
    ended.catch(() => {});
    try {
      await this.#port.write(block);
      await Promise.race([enough, late, ended]);
    } finally {
      waiting.abort();
    }
    signal.throwIfAborted();
    return Buffer.concat(this.#back);
  }
}

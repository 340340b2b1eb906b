import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { withDeadline } from "../../../../config/base/deadline.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import type { ByteSource } from "../../../recorders/recorder-driver.ts";
import {
  DATA,
  type DataRequest,
  END,
  ERROR,
  HEADER_BYTES,
  MAX_DATA_BYTES,
  readError,
  readHeader,
} from "./frames.ts";

const CONNECT_TIMEOUT_MS = 5_000;
/** Longer than any driver waits for its recorder with all its attempts. */
const SILENCE_MS = 120_000;

export type SocketSource = Extract<ByteSource, { kind: "socket" }>;

/**
 * The bytes of a file behind the USB process from `offset` on, at most `length`, fewer only where the file
 * ends. Each buffer is good until the next is asked for: it is always the same memory. Runs in any thread.
 * Throws the codes of `RecorderDriver`: `recorder-gone` where the process or its socket is gone,
 * `recorder-silent` after 120 s without a byte, `recorder-answer` for what breaks the protocol; or the signal's reason.
 */
export async function* readSocketSource(
  source: SocketSource,
  offset: number,
  length: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  signal.throwIfAborted();
  const line = await DataLine.open(source.socket, signal);
  try {
    line.ask({ link: source.link, file: source.file, offset, length });
    yield* dataOf(line, length);
  } finally {
    line.close();
  }
}

/** Takes the frames apart, whatever pieces they come in. */
async function* dataOf(line: DataLine, length: number): AsyncGenerator<Uint8Array, void, void> {
  const header = new Uint8Array(HEADER_BYTES);
  let headerBytes = 0;
  let frame = { kind: DATA, bodyBytes: 0 };
  let body: Uint8Array = new Uint8Array(0);
  let bodyAt = 0;
  let received = 0;
  for (;;) {
    const piece = await line.next();
    let at = 0;
    while (at < piece.length) {
      if (bodyAt === frame.bodyBytes) {
        const part = piece.subarray(at, at + HEADER_BYTES - headerBytes);
        header.set(part, headerBytes);
        at += part.length;
        headerBytes += part.length;
        if (headerBytes < HEADER_BYTES) continue;
        headerBytes = 0;
        frame = readHeader(header);
        bodyAt = 0;
        if (frame.kind !== DATA) body = new Uint8Array(frame.bodyBytes);
        if (frame.bodyBytes > 0) continue;
      }
      const part = piece.subarray(at, at + frame.bodyBytes - bodyAt);
      at += part.length;
      if (frame.kind === DATA) {
        bodyAt += part.length;
        received += part.length;
        if (received > length) throw new AgentError("recorder-answer", `more than ${length} bytes`);
        yield part;
        continue;
      }
      body.set(part, bodyAt);
      bodyAt += part.length;
      if (bodyAt < frame.bodyBytes) continue;
      if (frame.kind === ERROR) throw readError(body);
      if (frame.kind === END) return checkEnd(body, received);
    }
  }
}

function checkEnd(body: Uint8Array, received: number): void {
  const sent = new DataView(body.buffer, body.byteOffset).getBigUint64(0);
  if (sent === BigInt(received)) return;
  throw new AgentError("recorder-answer", `${sent} bytes sent, ${received} received`);
}

/** Memory of connections that have ended, for those that begin: it lies outside the heap, where collection is late. */
const FREE_MEMORY: Uint8Array<ArrayBuffer>[] = [];
/** A thread has no more files under way at once. */
const MAX_FREE = 4;

/** One connection that reads into the same memory again and again, and only when asked. */
class DataLine {
  readonly #socket: Socket;
  readonly #signal: AbortSignal;
  /** Bytes that lie in the buffer, not handed out yet. */
  #held: Uint8Array | null = null;
  #end: AgentError | null = null;
  #wake: () => void = () => {};

  private constructor(path: string, signal: AbortSignal) {
    // one of its own: many readers may share the caller's, and each listens
    this.#signal = AbortSignal.any([signal]);
    const memory = FREE_MEMORY.pop() ?? new Uint8Array(MAX_DATA_BYTES);
    this.#socket = connect({
      path,
      onread: {
        buffer: memory,
        callback: (count, buffer) => {
          this.#held = (buffer as Uint8Array).subarray(0, count);
          this.#wake();
          // the next bytes would go over these
          return false;
        },
      },
    });
    this.#socket.on("error", (cause) => this.#finish(new AgentError("recorder-gone", path, { cause })));
    this.#socket.on("close", () => {
      this.#finish(new AgentError("recorder-gone", path));
      if (FREE_MEMORY.length < MAX_FREE) FREE_MEMORY.push(memory);
    });
    this.#socket.on("timeout", () => this.#finish(new AgentError("recorder-silent", path)));
    this.#signal.addEventListener("abort", this.#abort, { once: true });
  }

  static async open(path: string, signal: AbortSignal): Promise<DataLine> {
    const line = new DataLine(path, signal);
    try {
      await once(line.#socket, "connect", { signal: withDeadline(signal, CONNECT_TIMEOUT_MS) });
      return line;
    } catch (cause) {
      line.close();
      signal.throwIfAborted();
      throw new AgentError("recorder-gone", path, { cause });
    }
  }

  ask(request: DataRequest): void {
    this.#socket.write(`${JSON.stringify(request)}\n`);
  }

  /** The next bytes, at least one; good until the next call. */
  async next(): Promise<Uint8Array> {
    this.#held = null;
    if (this.#end === null) {
      this.#socket.setTimeout(SILENCE_MS);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#socket.resume();
      });
      // who takes long with the bytes does not make the process silent
      this.#socket.setTimeout(0);
    }
    this.#signal.throwIfAborted();
    if (this.#held !== null) return this.#held;
    throw this.#end ?? new AgentError("recorder-gone", "data socket");
  }

  close(): void {
    this.#signal.removeEventListener("abort", this.#abort);
    this.#socket.destroy();
  }

  readonly #abort = (): void => this.#finish(new AgentError("recorder-gone", "aborted"));

  #finish(error: AgentError): void {
    this.#end ??= error;
    this.#wake();
    this.#socket.destroy();
  }
}

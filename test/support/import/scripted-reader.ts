import { setImmediate as turn } from "node:timers/promises";
import type { ByteReader } from "../../../capture/import/thread/byte-reader.ts";
import type { Sink } from "../../../capture/import/thread/sink.ts";
import { AgentError } from "../../../config/base/errors.ts";

export interface Script {
  /** Longest piece; the memory of one is used again for the next. */
  pieceBytes?: number;
  /** The byte at which `error` comes instead. */
  failAt?: number;
  error?: unknown;
  /** Lets others run between two pieces, as a socket does. */
  isSlow?: boolean;
}

/** A file in memory that is read in pieces of any length, and may be pulled out at any byte. */
export class ScriptedReader implements ByteReader {
  readonly #content: Uint8Array;
  readonly #script: Script;
  readonly #memory: Buffer;
  isClosed = false;
  bytesRead = 0;

  constructor(content: Uint8Array, script: Script = {}) {
    this.#content = content;
    this.#script = script;
    this.#memory = Buffer.alloc(script.pieceBytes ?? 64);
  }

  async read(offset: number, length: number, sink: Sink, signal: AbortSignal): Promise<void> {
    for (const piece of this.#pieces(offset, length)) {
      await give(sink, piece);
      if (this.#script.isSlow !== true) continue;
      await turn();
      signal.throwIfAborted();
    }
  }

  close(): void {
    this.isClosed = true;
  }

  *#pieces(offset: number, length: number): Generator<Uint8Array> {
    const end = Math.min(offset + length, this.#content.length);
    const { failAt = Number.POSITIVE_INFINITY, error = gone() } = this.#script;
    let at = offset;
    while (at < end) {
      if (at >= failAt) throw error;
      const piece = this.#content.subarray(at, Math.min(end, failAt, at + this.#memory.length));
      this.#memory.set(piece);
      at += piece.length;
      this.bytesRead += piece.length;
      yield this.#memory.subarray(0, piece.length);
      this.#memory.fill(0xee);
    }
    if (at >= failAt) throw error;
  }
}

/** In parts of what there is room for, as a file is read. */
async function give(sink: Sink, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length; ) {
    const room = sink.room();
    const part = piece.subarray(at, at + room.length);
    room.set(part);
    at += part.length;
    await sink.took(part.length);
  }
}

export function gone(): AgentError {
  return new AgentError("recorder-gone", "pulled out");
}

/** As the kernel tells of a bad sector, or of a card that was pulled out. */
export function ioError(): AgentError {
  return new AgentError("recorder-gone", "offset", {
    cause: Object.assign(new Error("EIO"), { code: "EIO" }),
  });
}

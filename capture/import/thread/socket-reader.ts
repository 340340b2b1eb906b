import { AgentError } from "../../../config/base/errors.ts";
import { readSocketSource, type SocketSource } from "../../../drivers/usb/host/data/data-client.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { Sink } from "./sink.ts";

/** A file behind the USB process. While it waits for the recorder, its thread has time for others. */
export class SocketReader implements ByteReader {
  readonly #source: SocketSource;

  constructor(source: SocketSource) {
    this.#source = source;
  }

  async read(offset: number, length: number, sink: Sink, signal: AbortSignal): Promise<void> {
    let done = 0;
    for await (const piece of readSocketSource(this.#source, offset, length, signal)) {
      done += piece.length;
      if (done > length)
        throw new AgentError("recorder-answer", `${done} bytes where ${length} were asked for`);
      await give(sink, piece);
    }
  }

  close(): void {
    // each range has a connection of its own, which ends with it
  }
}

async function give(sink: Sink, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length; ) {
    const room = sink.room();
    const part = piece.subarray(at, at + room.length);
    room.set(part);
    at += part.length;
    const behind = sink.took(part.length);
    if (behind !== null) await behind;
  }
}

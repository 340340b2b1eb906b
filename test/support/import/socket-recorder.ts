import { join } from "node:path";
import type { TestContext } from "node:test";
import type { ImportOrder } from "../../../capture/import/import-job.ts";
import { DataServer } from "../../../drivers/usb/host/data/data-server.ts";
import { temporaryDirectory } from "../surroundings.ts";
import { gone } from "./scripted-reader.ts";

const PIECE_BYTES = 61;

/** A recorder behind a data socket, with one file, whose cable can be cut at any byte. */
export class SocketRecorder {
  readonly content: Buffer;
  readonly #socket: string;
  /** Bytes that still pass before the cable is cut. */
  passes = Number.POSITIVE_INFINITY;
  /** Does not answer until the reader goes away. */
  hangs = false;
  /** Bytes that have passed. */
  bytesRead = 0;

  private constructor(content: Buffer, socket: string) {
    this.content = content;
    this.#socket = socket;
  }

  static async plugIn(t: TestContext, content: Buffer): Promise<SocketRecorder> {
    const recorder = new SocketRecorder(content, join(temporaryDirectory(t), "data.sock"));
    const server = await DataServer.listen(
      recorder.#socket,
      () => (_file, offset, length, signal) => recorder.#read(offset, length, signal),
    );
    t.after(() => server.close());
    return recorder;
  }

  /** The order to import the file, seen in one bay or another. */
  order(bay: string, claim: Partial<ImportOrder["claim"]> = {}): ImportOrder {
    const file = { handle: "7", path: "REC/0001.MP4", bytes: this.content.length };
    return {
      claim: { serial: "S-1", path: file.path, bytes: file.bytes, ...claim },
      source: { kind: "socket", socket: this.#socket, link: bay, file },
    };
  }

  async *#read(offset: number, length: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const end = Math.min(offset + length, this.content.length);
    for (let at = offset; at < end; ) {
      if (this.hangs) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        throw gone();
      }
      const piece = this.content.subarray(at, Math.min(end, at + PIECE_BYTES, at + this.passes));
      if (piece.length === 0) throw gone();
      this.passes -= piece.length;
      this.bytesRead += piece.length;
      at += piece.length;
      yield piece;
    }
  }
}

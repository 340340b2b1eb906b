import { AgentError } from "../../config/base/errors.ts";

const LF = 0x0a;

/** Cuts a stream into lines without ever holding more than one line of `maxBytes`. */
export class LineSplitter {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that `chunk` completes, without LF. Throws `line-too-long`, after which nothing more is read. */
  *push(chunk: Buffer): Generator<string> {
    let start = 0;
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      this.#hold(chunk.subarray(start, end));
      const whole = Buffer.concat(this.#parts).toString("utf8");
      this.#parts = [];
      this.#heldBytes = 0;
      start = end + 1;
      yield whole;
    }
    this.#hold(chunk.subarray(start));
  }

  #hold(part: Buffer): void {
    this.#heldBytes += part.length;
    if (this.#heldBytes >= this.#maxBytes) {
      this.#parts = [];
      throw new AgentError("line-too-long", `more than ${this.#maxBytes} bytes`);
    }
    if (part.length > 0) this.#parts.push(part);
  }
}

import { createHash } from "node:crypto";
import { AgentError } from "../../../config/base/errors.ts";
import type { ByteReader } from "./byte-reader.ts";
import { counting, hashing } from "./sink.ts";

/** The digest of a file as it lies on the card now, read in steps so that other files have their turn. */
export class FileDigest {
  readonly #bytes: number;
  readonly #stepBytes: number;
  readonly #reader: ByteReader;
  readonly #hash = createHash("sha256");
  readonly #interruption = new AbortController();
  #offset = 0;

  /** `bytes` is the length that the file must have. */
  constructor(bytes: number, reader: ByteReader, stepBytes: number) {
    this.#bytes = bytes;
    this.#stepBytes = stepBytes;
    this.#reader = reader;
  }

  /** Hex SHA-256 once all is read, null before. Throws `file-gone` where the length is another one. */
  async step(): Promise<string | null> {
    const { signal } = this.#interruption;
    signal.throwIfAborted();
    const wanted = Math.min(this.#stepBytes, this.#bytes - this.#offset);
    const goal = this.#offset + wanted;
    const sink = hashing(this.#hash, (bytes) => {
      this.#offset += bytes;
    });
    await this.#reader.read(this.#offset, wanted, sink, signal);
    if (this.#offset < goal) throw new AgentError("file-gone", `${this.#offset} bytes of ${this.#bytes}`);
    if (goal < this.#bytes) return null;
    const more = counting(() => {
      throw new AgentError("file-gone", `more than ${this.#bytes} bytes`);
    });
    await this.#reader.read(this.#bytes, 1, more, signal);
    return this.#hash.digest("hex");
  }

  drop(): void {
    this.#interruption.abort();
    this.#reader.close();
  }
}

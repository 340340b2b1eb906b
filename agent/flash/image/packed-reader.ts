import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { ImageReader } from "./image-reader.ts";

type Unpacker = ChildProcessByStdio<Writable, Readable, Readable>;

/** An image that the program `zstd` unpacks as it is read: Node 20 has no Zstandard. */
export class PackedReader implements ImageReader {
  readonly #path: string;
  readonly #packed = createHash("sha256");
  #digest: string | null = null;
  #process: Unpacker | null = null;
  #pieces: AsyncIterator<Buffer> | null = null;
  /** Rejects with what went wrong; resolves when all was unpacked. */
  #ended: Promise<void> = Promise.resolve();
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  async fill(into: Uint8Array): Promise<number> {
    const pieces = this.#pieces ?? this.#start();
    let done = 0;
    while (done < into.length) {
      if (this.#rest.length === 0) {
        const piece = await this.#next(pieces);
        if (piece === null) break;
        this.#rest = piece;
      }
      const part = this.#rest.subarray(0, into.length - done);
      into.set(part, done);
      done += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return done;
  }

  packedDigest(): string | null {
    return this.#digest;
  }

  async close(): Promise<void> {
    this.#process?.kill("SIGKILL");
    // it ends only when nobody waits to read the rest
    this.#process?.stdout.destroy();
    await this.#ended.catch(() => {});
  }

  /** null: the end, with which the program was content. */
  async #next(pieces: AsyncIterator<Buffer>): Promise<Buffer | null> {
    try {
      const { value, done } = await pieces.next();
      if (done !== true) return value;
    } catch (cause) {
      // what ended the program says more than that its pipe broke
      await this.#ended;
      throw cause;
    }
    await this.#ended;
    return null;
  }

  #start(): AsyncIterator<Buffer> {
    // in a group of its own: Ctrl-C at the terminal is for whoever writes the card, who then ends this
    const unpacker = spawn("zstd", ["--decompress", "--stdout", "--quiet"], {
      stdio: "pipe",
      detached: true,
    });
    this.#process = unpacker;
    this.#ended = this.#run(unpacker);
    // whoever reads to the end is told; whoever stops before is not
    this.#ended.catch(() => {});
    this.#pieces = unpacker.stdout[Symbol.asyncIterator]();
    return this.#pieces;
  }

  async #run(unpacker: Unpacker): Promise<void> {
    const said: string[] = [];
    unpacker.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (said.length < 16) said.push(text);
    });
    const exited = new Promise<number | null>((resolve, reject) => {
      unpacker.once("error", reject).once("close", resolve);
    });
    const [fed, exit] = await Promise.allSettled([this.#feed(unpacker.stdin), exited]);
    if (exit.status === "rejected") {
      const { reason } = exit;
      throw errorCode(reason) === "ENOENT"
        ? new AgentError("zstd-missing", this.#path, { cause: reason })
        : reason;
    }
    if (exit.value !== 0) {
      const [line = "zstd"] = said.join("").trim().split("\n");
      throw new AgentError("image-damaged", `${this.#path}: ${line}`);
    }
    if (fed.status === "rejected") {
      const why = errorCode(fed.reason);
      throw new AgentError("image-unreadable", `${this.#path}: ${why}`, { cause: fed.reason });
    }
    this.#digest = this.#packed.digest("hex");
  }

  async #feed(stdin: Writable): Promise<void> {
    const packed = this.#packed;
    await pipeline(
      createReadStream(this.#path),
      async function* (pieces: AsyncIterable<Buffer>) {
        for await (const piece of pieces) {
          packed.update(piece);
          yield piece;
        }
      },
      stdin,
    );
  }
}

/** How many bytes it holds, by unpacking it. Throws what reading it throws. */
export async function unpackedBytes(path: string, signal: AbortSignal): Promise<number> {
  const reader = new PackedReader(path);
  const block = Buffer.allocUnsafe(2 ** 20);
  try {
    let total = 0;
    while (true) {
      signal.throwIfAborted();
      const read = await reader.fill(block);
      total += read;
      if (read < block.length) return total;
    }
  } finally {
    await reader.close();
  }
}

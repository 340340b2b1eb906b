import { once } from "node:events";
import { type FileHandle, open, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { Clock } from "../../../config/base/clock.ts";
import { AgentError, errorCode } from "../../../config/base/errors.ts";

/** A line is shown no further than this; the rest of it is left out. */
const MAX_LINE_BYTES = 256 * 1024;
const READ_BYTES = 64 * 1024;
const LOOK_EVERY_MS = 250;
const LF = 0x0a;

/** Cuts bytes into lines, each bounded. */
export class LogLines {
  readonly #onLine: (text: string) => void;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(onLine: (text: string) => void) {
    this.#onLine = onLine;
  }

  push(bytes: Buffer): void {
    let from = 0;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, from)) {
      this.#hold(bytes.subarray(from, end));
      this.end();
      from = end + 1;
    }
    this.#hold(bytes.subarray(from));
  }

  /** What stands there is the last line, though nothing ends it. */
  end(): void {
    const text = Buffer.concat(this.#held).toString("utf8").replace(/\r$/, "");
    this.#held = [];
    this.#heldBytes = 0;
    if (text !== "") this.#onLine(text);
  }

  #hold(piece: Buffer): void {
    const kept = piece.subarray(0, MAX_LINE_BYTES - this.#heldBytes);
    if (kept.length === 0) return;
    // the caller reads into the same memory again
    this.#held.push(Buffer.from(kept));
    this.#heldBytes += kept.length;
  }
}

/** Reads what is piped in, until its end or the signal. */
export async function readStream(
  stream: Readable,
  onLine: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const lines = new LogLines(onLine);
  stream.on("data", (bytes: Buffer) => lines.push(bytes));
  try {
    await once(stream, "end", { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stream.destroy();
  }
  lines.end();
}

/**
 * Reads a log from its beginning; `onCaughtUp` is called at its end. With `follow` it then goes on with what is
 * written, from the beginning of the new file where the log was rotated or cut. Throws `file-unreadable`.
 */
export async function readLog(
  path: string,
  { onLine, onCaughtUp }: { onLine: (text: string) => void; onCaughtUp: () => void },
  { follow, clock, signal }: { follow: boolean; clock: Clock; signal: AbortSignal },
): Promise<void> {
  const lines = new LogLines(onLine);
  let file = await opened(path);
  try {
    let at = await readOn(file, 0, lines, signal);
    if (!follow) lines.end();
    onCaughtUp();
    while (follow && !signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, signal).catch(() => {});
      at = await readOn(file, at, lines, signal);
      const next = await successorOf(path, file, at);
      if (next === null) continue;
      // what was written before it was moved away
      await readOn(file, at, lines, signal);
      lines.end();
      await file.close();
      file = next;
      at = await readOn(file, 0, lines, signal);
    }
  } finally {
    await file.close();
  }
}

/** Reads from `at` to the end of the file; answers where that is. */
async function readOn(file: FileHandle, at: number, lines: LogLines, signal: AbortSignal): Promise<number> {
  const memory = Buffer.alloc(READ_BYTES);
  let position = at;
  while (!signal.aborted) {
    const { bytesRead } = await file.read(memory, 0, READ_BYTES, position);
    if (bytesRead === 0) break;
    lines.push(memory.subarray(0, bytesRead));
    position += bytesRead;
  }
  return position;
}

/** Another file at the path, or the same one made shorter. null: neither, or nothing is there at the moment. */
async function successorOf(path: string, file: FileHandle, at: number): Promise<FileHandle | null> {
  const [own, there] = await Promise.all([file.stat(), stat(path).catch(() => null)]);
  if (there === null) return null;
  const isSame = own.ino === there.ino && own.dev === there.dev;
  if (isSame && there.size >= at) return null;
  return await open(path, "r").catch(() => null);
}

async function opened(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, "r");
    if ((await file.stat()).isDirectory()) {
      await file.close();
      throw new AgentError("file-unreadable", `${path}: a folder`);
    }
    return file;
  } catch (cause) {
    if (cause instanceof AgentError) throw cause;
    throw new AgentError("file-unreadable", `${path}: ${errorCode(cause)}`, { cause });
  }
}

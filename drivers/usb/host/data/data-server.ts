import { chmod, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { AgentError } from "../../../../config/base/errors.ts";
import type { RecorderFile } from "../../../recorders/recorder-driver.ts";
import {
  DATA,
  type DataRequest,
  endFrame,
  errorFrame,
  HEADER_BYTES,
  MAX_DATA_BYTES,
  MAX_REQUEST_BYTES,
  readRequest,
  writeHeader,
} from "./frames.ts";

const REQUEST_TIMEOUT_MS = 5_000;
/** A reader that takes nothing for so long lets the recorder go. */
const IDLE_MS = 180_000;
const MAX_CONNECTIONS = 64;

/** Where the server finds what a request names. Throws `recorder-gone` for a link that is not open. */
export type FileReader = (
  link: string,
) => (file: RecorderFile, offset: number, length: number, signal: AbortSignal) => AsyncIterable<Uint8Array>;

/** The process's end of the data socket: see frames.ts. */
export class DataServer {
  readonly #server: Server;
  readonly #path: string;
  readonly #sockets = new Set<Socket>();

  private constructor(path: string, readerOf: FileReader) {
    this.#path = path;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      void serve(socket, readerOf);
    });
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Listens at `path`, in a folder that is already private. */
  static async listen(path: string, readerOf: FileReader): Promise<DataServer> {
    await rm(path, { force: true });
    const server = new DataServer(path, readerOf);
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", reject);
      server.#server.listen(path, resolve);
    });
    await chmod(path, 0o600);
    return server;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#path, { force: true });
  }
}

/** Never rejects. */
async function serve(socket: Socket, readerOf: FileReader): Promise<void> {
  const gone = new AbortController();
  socket.on("error", () => {});
  socket.once("close", () => gone.abort(new AgentError("recorder-gone", "data socket: the reader is gone")));
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  try {
    const { link, file, offset, length } = await requestOf(socket, gone.signal);
    const sent = await send(socket, readerOf(link)(file, offset, length, gone.signal), gone.signal);
    socket.end(endFrame(sent));
  } catch (error) {
    const known = error instanceof AgentError;
    socket.end(errorFrame(known ? error : new AgentError("recorder-answer", String(error))));
  }
}

async function requestOf(socket: Socket, signal: AbortSignal): Promise<DataRequest> {
  const line = await new Promise<string>((resolve, reject) => {
    let text = "";
    const timer = setTimeout(() => socket.destroy(), REQUEST_TIMEOUT_MS);
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    socket.once("close", () => clearTimeout(timer));
    socket.on("data", (piece: Buffer) => {
      text += piece.toString("latin1");
      const end = text.indexOf("\n");
      if (end < 0 && text.length <= MAX_REQUEST_BYTES) return;
      clearTimeout(timer);
      socket.removeAllListeners("data");
      // what else comes is thrown away, and the end of the connection is seen
      socket.resume();
      if (end < 0 || end > MAX_REQUEST_BYTES) reject(new AgentError("data-request", "too long"));
      else resolve(Buffer.from(text.slice(0, end), "latin1").toString());
    });
  });
  return readRequest(line);
}

/**
 * Sends everything as data frames and says how many bytes that were. While one frame is on its way the
 * next is read, not more.
 */
async function send(socket: Socket, pieces: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<number> {
  const frames = [new Frame(), new Frame()];
  let sent = 0;
  let turn = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += MAX_DATA_BYTES) {
      const part = piece.subarray(at, at + MAX_DATA_BYTES);
      const frame = frames[turn] as Frame;
      turn = 1 - turn;
      await frame.send(socket, part, signal);
      sent += part.length;
    }
  }
  return sent;
}

/** Memory for one data frame; used again when the socket has taken it. */
class Frame {
  #memory = new Uint8Array(HEADER_BYTES + 65_536);
  #taken: Promise<void> = Promise.resolve();

  async send(socket: Socket, part: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#taken;
    signal.throwIfAborted();
    // its `close` comes later, and a driver with data at hand would not let it come at all
    if (!socket.writable) throw new AgentError("recorder-gone", "data socket: the reader is gone");
    if (this.#memory.length < HEADER_BYTES + part.length)
      this.#memory = new Uint8Array(HEADER_BYTES + MAX_DATA_BYTES);
    writeHeader(this.#memory, DATA, part.length);
    this.#memory.set(part, HEADER_BYTES);
    this.#taken = new Promise((resolve) => {
      socket.write(this.#memory.subarray(0, HEADER_BYTES + part.length), () => resolve());
    });
  }
}

import {
  closeSync,
  constants,
  type Dir,
  fstatSync,
  opendirSync,
  openSync,
  readlinkSync,
  readSync,
} from "node:fs";
import { AgentError } from "../../../config/base/errors.ts";
import type { ByteSource } from "../../../drivers/recorders/recorder-driver.ts";
import { forgetCached } from "./page-cache.ts";
import type { Sink } from "./sink.ts";

type PathSource = Extract<ByteSource, { kind: "path" }>;

/** Where an import thread gets the bytes of one file from. */
export interface ByteReader {
  /**
   * Fills `sink` with the bytes from `offset` on, at most `length` and fewer only where the file ends, and waits
   * where it asks to. Throws what `sink` throws, the errors of `RecorderDriver.read`, `read-error`
   * where the file cannot be read although the recorder is there, or the signal's reason.
   */
  read(offset: number, length: number, sink: Sink, signal: AbortSignal): Promise<void>;
  /** Never throws. */
  close(): void;
}

/** What the kernel says of a device that was pulled out. */
const GONE = new Set(["EIO", "ENODEV", "ENXIO", "ENOMEDIUM", "ENOTCONN", "EREMOTEIO", "ESHUTDOWN", "ESTALE"]);

/**
 * A file of a mounted card. It blocks its thread while it reads. `path` is absolute and has no links in it:
 * a link that was put in any place of it since is seen, and is another file.
 */
export class PathReader implements ByteReader {
  readonly #path: string;
  readonly #fd: number;

  /** Throws `file-gone` for what is no file, or another one; `recorder-gone` where the whole card is away. */
  constructor({ path: name, isLatin1 }: Pick<PathSource, "path" | "isLatin1">) {
    const path = Buffer.from(name, isLatin1 === true ? "latin1" : "utf8");
    this.#path = name;
    try {
      // not blocking: a pipe in the file's place would wait for a writer
      this.#fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (cause) {
      throw openFailure(path, name, cause);
    }
    if (fstatSync(this.#fd).isFile() && placeOf(this.#fd).equals(path)) return;
    this.close();
    throw new AgentError("file-gone", `${name}: no file of its own`);
  }

  async read(offset: number, length: number, sink: Sink): Promise<void> {
    for (let done = 0; done < length; ) {
      const read = this.#readInto(sink.room(), offset + done, length - done);
      if (read === 0) return;
      const behind = sink.took(read);
      done += read;
      if (behind !== null) await behind;
    }
  }

  /** The next bytes come from the card itself. */
  forgetCached(): void {
    forgetCached(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #readInto(room: Uint8Array, offset: number, most: number): number {
    try {
      return readSync(this.#fd, room, 0, Math.min(room.length, most), offset);
    } catch (cause) {
      throw readFailure(`${this.#path}, offset ${offset}`, cause);
    }
  }
}

function readFailure(place: string, cause: unknown): AgentError {
  const { code = "" } = cause as NodeJS.ErrnoException;
  return new AgentError(GONE.has(code) ? "recorder-gone" : "read-error", place, { cause });
}

/** Where an open file lies, as the system has its bytes. */
function placeOf(fd: number): Buffer {
  return readlinkSync(`/proc/self/fd/${fd}`, { encoding: "buffer" });
}

function openFailure(path: Buffer, place: string, cause: unknown): AgentError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === "ELOOP" || code === "ENOTDIR" || code === "EISDIR")
    return new AgentError("file-gone", place, { cause });
  if (code !== "ENOENT") return readFailure(place, cause);
  // an unmounted card leaves an empty folder, or none
  const isAway = isEmpty(path.subarray(0, Math.max(1, path.lastIndexOf("/"))));
  return new AgentError(isAway ? "recorder-gone" : "file-gone", place, { cause });
}

function isEmpty(folder: Buffer): boolean {
  let opened: Dir | null = null;
  try {
    opened = opendirSync(folder);
    return opened.readSync() === null;
  } catch {
    return true;
  } finally {
    opened?.closeSync();
  }
}

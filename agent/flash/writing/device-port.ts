import { close, constants, fsync, ftruncate, openSync, read, write } from "node:fs";
import { promisify } from "node:util";
import { errorCode } from "../../../config/base/errors.ts";

/**
 * What bytes are written to and read back from. Errors are the system's, with their errno's name. Positions and
 * lengths are multiples of `alignment`, and memory begins at a page.
 */
export interface DevicePort {
  /** What it holds; a file that grows as it is written holds whatever comes. */
  readonly bytes: number;
  readonly alignment: number;
  /** A disk has `bytes` for as long as it is there; a file may be cut, or lie on a disk without room. */
  readonly isDisk: boolean;
  /** What is read comes from the medium, and not out of this machine's memory. */
  readonly isDirect: boolean;
  /** Answers how many bytes were read: fewer than asked for only at the end, 0 behind it. */
  read(into: Uint8Array, at: number): Promise<number>;
  /** Answers how many bytes were written, which may be fewer. */
  write(bytes: Uint8Array, at: number): Promise<number>;
  /** Makes durable what was written. */
  sync(): Promise<void>;
  /** Cuts off what stands behind; does nothing to a disk. */
  resize(bytes: number): Promise<void>;
  close(): Promise<void>;
}

export interface OpenWith {
  path: string;
  /** Of open(2), beside O_DIRECT. */
  flags: number;
  bytes: number;
  alignment: number;
  /** A file has its own length, a disk has not. */
  isFile: boolean;
}

const later = {
  read: promisify(read),
  write: promisify(write),
  fsync: promisify(fsync),
  ftruncate: promisify(ftruncate),
  close: promisify(close),
};

/**
 * Opens a disk or a file past the page cache (O_DIRECT of open(2)), so that what is read back was on the medium.
 * A file system in memory knows no such way: there `isDirect` is false. Throws the system's errors.
 */
export function openDevice({ path, flags, bytes, alignment, isFile }: OpenWith): DevicePort & { fd: number } {
  const { fd, isDirect } = openPastCache(path, flags);
  return {
    fd,
    bytes,
    alignment,
    isDisk: !isFile,
    isDirect,
    read: async (into, at) => (await later.read(fd, into, 0, into.length, at)).bytesRead,
    write: async (from, at) => (await later.write(fd, from, 0, from.length, at)).bytesWritten,
    sync: () => later.fsync(fd),
    resize: async (length) => {
      if (isFile) await later.ftruncate(fd, length);
    },
    close: () => later.close(fd),
  };
}

function openPastCache(path: string, flags: number): { fd: number; isDirect: boolean } {
  try {
    return { fd: openSync(path, flags | constants.O_DIRECT, 0o644), isDirect: true };
  } catch (error) {
    if (errorCode(error) !== "EINVAL") throw error;
    // some file systems say no only after they made the file; of a disk O_EXCL means another thing, and stays
    const again = (flags & constants.O_CREAT) === 0 ? flags : flags & ~constants.O_EXCL;
    return { fd: openSync(path, again, 0o644), isDirect: false };
  }
}

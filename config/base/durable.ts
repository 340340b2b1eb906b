import { closeSync, fsync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";

const fsyncLater = promisify(fsync);

/** Makes renames and creations inside `directory` survive a power cut. */
export function syncDirectory(directory: string): void {
  const fd = openSync(directory, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** The same, while this thread does something else. */
export async function syncDirectoryLater(directory: string): Promise<void> {
  const fd = openSync(directory, "r");
  try {
    await fsyncLater(fd);
  } finally {
    closeSync(fd);
  }
}

/** Writes all of `bytes` to `fd`, whatever the size of the single writes. */
export function writeFully(fd: number, bytes: Uint8Array, position: number | null = null): void {
  let done = 0;
  while (done < bytes.length) {
    done += writeSync(fd, bytes, done, bytes.length - done, position === null ? null : position + done);
  }
}

/**
 * Replaces `path` so that after a power cut either the old or the new content is there, whole:
 * temporary name, fsync, rename, fsync of the directory.
 */
export function writeDurably(path: string, content: Uint8Array | string, mode = 0o600): void {
  const temporary = `${path}.new`;
  const fd = openSync(temporary, "w", mode);
  try {
    writeFully(fd, typeof content === "string" ? Buffer.from(content) : content);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
  syncDirectory(dirname(path));
}

import { createHash, type Hash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { errorCode } from "../../../../config/base/errors.ts";

/** Files to hash; if `joined` is a digest (hex), it must be that of all of them one after the other. */
export interface HashJob {
  files: { path: string; digest: string; bytes: number }[];
  joined: string | null;
}

export type FileState = "whole" | "missing" | "altered" | "unreadable";

export interface HashAnswer {
  /** One for each file. */
  states: FileState[];
  /** False only if all files are whole and their join is not what was claimed. */
  joined: boolean;
}

const READ_BYTES = 256 * 1024;
let readBuffer: Buffer | null = null;

/** Reads every file once. */
export function hashFiles({ files, joined }: HashJob): HashAnswer {
  const all = joined === null ? null : createHash("sha256");
  const states = files.map((file) => hashFile(file, all));
  const isWhole = states.every((state) => state === "whole");
  return { states, joined: all === null || !isWhole || all.digest("hex") === joined };
}

function hashFile({ path, digest, bytes }: HashJob["files"][number], all: Hash | null): FileState {
  try {
    // never waiting at a pipe that stands where a file should
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile() || stat.size !== bytes) return "altered";
      return hashDescriptor(fd, all) === digest ? "whole" : "altered";
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return "missing";
    if (typeof (error as NodeJS.ErrnoException).errno !== "number") throw error;
    return "unreadable";
  }
}

function hashDescriptor(fd: number, all: Hash | null): string {
  readBuffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
  const hash = createHash("sha256");
  for (let n = readSync(fd, readBuffer); n > 0; n = readSync(fd, readBuffer)) {
    const part = readBuffer.subarray(0, n);
    hash.update(part);
    all?.update(part);
  }
  return hash.digest("hex");
}

import { createHash, type Hash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
} from "node:fs";
import { join } from "node:path";
import { AgentError } from "../../../../config/base/errors.ts";
import { DIGESTS } from "../export/export-folder.ts";
import type { FolderFault } from "./folder-verdict.ts";

const LISTED = /^([0-9a-f]{64}) {2}([^\n]+)$/;
/** A folder of a million files has no longer list. */
const MAX_LIST_BYTES = 256 * 1024 * 1024;

/** The files of a folder, and what its list says of them. */
export interface FolderFiles {
  /** Regular files but the list itself, at most one folder deep. */
  names: Set<string>;
  /** SHA-256 (hex) by name, as listed. */
  listed: Map<string, string>;
  faults: FolderFault[];
}

/** Throws `not-an-export` where there is no such folder, or no list of digests in it. */
export function readFolder(directory: string): FolderFiles {
  const faults: FolderFault[] = [];
  const listed = readList(directory);
  const names = new Set<string>();
  for (const { file, isFile } of walk(directory)) {
    if (file === DIGESTS) continue;
    if (!isFile) faults.push({ file, code: "not-a-file" });
    else if (listed.has(file)) names.add(file);
    else faults.push({ file, code: "file-unlisted" });
  }
  for (const file of listed.keys()) if (!names.has(file)) faults.push({ file, code: "file-missing" });
  return { names, listed, faults };
}

function readList(directory: string): Map<string, string> {
  let text: string;
  try {
    text = readWithin(join(directory, DIGESTS), MAX_LIST_BYTES).toString("utf8");
  } catch (cause) {
    throw new AgentError("not-an-export", directory, { cause });
  }
  const lines = text.endsWith("\n") ? text.slice(0, -1).split("\n") : [];
  const pairs = lines.map((line) => LISTED.exec(line));
  if (pairs.length === 0 || pairs.includes(null))
    throw new AgentError("not-an-export", `${directory}: ${DIGESTS}`);
  return new Map(pairs.map((match) => [match?.[2] ?? "", match?.[1] ?? ""]));
}

/** Links are not followed: what they lead to is not in the folder. */
function* walk(directory: string, folder = ""): Generator<{ file: string; isFile: boolean }> {
  for (const name of readdirSync(join(directory, folder)).sort()) {
    const file = `${folder}${name}`;
    const found = lstatSync(join(directory, file));
    if (found.isDirectory() && folder === "") yield* walk(directory, `${name}/`);
    else yield { file, isFile: found.isFile() };
  }
}

/** Reads a file of at most so many bytes. Throws `not-an-export`, or the system's error. */
export function readWithin(path: string, mostBytes: number): Buffer {
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    if (size > mostBytes)
      throw new AgentError("not-an-export", `${path}: ${size} of at most ${mostBytes} bytes`);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** SHA-256 (hex) of a whole file, and of the pieces that it is cut into, in one reading. */
export interface FileDigests {
  whole: string;
  /** One for each cut that the file reached. */
  pieces: string[];
  bytes: number;
}

/** `cuts` are the lengths of the pieces; what is behind the last is in none. */
export async function digestsOf(path: string, cuts: readonly number[]): Promise<FileDigests> {
  const whole = createHash("sha256");
  const pieces: string[] = [];
  let piece: Hash = createHash("sha256");
  let left = cuts[0] ?? 0;
  let bytes = 0;
  for await (const part of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    let rest = part as Buffer;
    whole.update(rest);
    bytes += rest.length;
    while (pieces.length < cuts.length && rest.length >= left) {
      piece.update(rest.subarray(0, left));
      rest = rest.subarray(left);
      pieces.push(piece.digest("hex"));
      piece = createHash("sha256");
      left = cuts[pieces.length] ?? 0;
    }
    if (pieces.length === cuts.length) continue;
    piece.update(rest);
    left -= rest.length;
  }
  return { whole: whole.digest("hex"), pieces, bytes };
}

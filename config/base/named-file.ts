import { readFileSync } from "node:fs";
import { AgentError } from "./errors.ts";

/** The content of a file that a person has named. Throws `file-unreadable` with its path. */
export function readNamedFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new AgentError("file-unreadable", path, { cause });
  }
}

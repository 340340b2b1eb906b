import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { AgentError } from "./base/errors.ts";

const MAX_SECRET_BYTES = 4096;

/**
 * The first line of a secret's file, without its line end. Read when needed and kept nowhere.
 * Throws `secret-missing`, `secret-exposed` when others than owner and group may read or write the
 * file, or `secret-empty`. The secret itself stands in no error.
 */
export function readSecret(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch (cause) {
    throw new AgentError("secret-missing", path, {
      cause,
      next: "create the file, mode 0600, with the secret on one line",
    });
  }
  try {
    // asked of the open file: nobody can put another one in its place in between
    const { mode } = fstatSync(fd);
    if ((mode & 0o007) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, "0");
      throw new AgentError("secret-exposed", `${path}: mode ${octal}`, { next: `chmod 0600 ${path}` });
    }
    const buffer = Buffer.alloc(MAX_SECRET_BYTES);
    const length = readSync(fd, buffer, 0, buffer.length, 0);
    const secret = buffer.toString("utf8", 0, length).split(/\r?\n/, 1)[0] ?? "";
    buffer.fill(0);
    if (secret === "")
      throw new AgentError("secret-empty", path, { next: "write the secret on the first line" });
    return secret;
  } finally {
    closeSync(fd);
  }
}

import { spawnSync } from "node:child_process";

/** One line of progress on stderr: stdout belongs to what the command prints as its result. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** A failure that the reader can act on: printed without a stack trace. */
export class SetupError extends Error {
  name = "SetupError";
  constructor(what, next) {
    super(`${what}\n  next: ${next}`);
  }
}

/**
 * Runs a program to its end with all its output on stderr. Returns its exit code;
 * 127 when it cannot be started, 128 when a signal ended it.
 */
export function run(command, args, { cwd, env = process.env } = {}) {
  const { status, error } = spawnSync(command, args, { cwd, env, stdio: ["inherit", 2, 2] });
  if (error !== undefined) return 127;
  return status ?? 128;
}

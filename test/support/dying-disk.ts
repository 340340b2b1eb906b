import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/** Calls that change the disk; SQLite makes its own, each commit whole or not at all. */
const CALLS = [
  "openSync",
  "writeSync",
  "writeFileSync",
  "renameSync",
  "rmSync",
  "mkdirSync",
  "fsyncSync",
] as const;

/** What a process sees of the system call that it was killed in. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/**
 * Runs `work` in a process that is killed at its `nth` call (from 0) that changes the disk: that call and all
 * later ones do nothing but throw. Answers whether it came so far; errors other than the kill are thrown.
 */
export async function killedAtCall(nth: number, work: () => Promise<void>): Promise<boolean> {
  const originals = new Map(CALLS.map((name) => [name, fs[name]]));
  let calls = 0;
  for (const [name, original] of originals) {
    const dying = (...args: unknown[]): unknown => {
      if (calls++ >= nth) throw new Killed(name);
      return (original as (...args: unknown[]) => unknown)(...args);
    };
    Object.assign(fs, { [name]: dying });
  }
  syncBuiltinESMExports();
  try {
    await work();
    return calls > nth;
  } catch (error) {
    if (calls > nth) return true;
    throw error;
  } finally {
    Object.assign(fs, Object.fromEntries(originals));
    syncBuiltinESMExports();
  }
}

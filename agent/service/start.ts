import { readFileSync, type Stats, statSync } from "node:fs";
import Module from "node:module";
import { basename, dirname, join } from "node:path";
import { Script } from "node:vm";
import { writeDurably } from "../../config/base/durable.ts";

/**
 * How a bundled program starts: `PROGRAM.cjs` runs `code/PROGRAM.cjs` with its V8 code cache from `cache/`,
 * which the unit itself has written (see `warm.ts`). Half of a start is compiling; without a cache that this
 * V8 takes it is slower, and no different.
 */

/** Set to a file's path for the run that is to leave its program's code cache there. */
const WRITE_CACHE = "FULLTRACE_WRITE_CODE_CACHE";

export interface ProgramFiles {
  code: string;
  cache: string;
}

export function filesOf(folder: string, name: string): ProgramFiles {
  return { code: join(folder, "code", name), cache: join(folder, "cache", name) };
}

/** What the stub of a program calls with itself. */
export function start(program: NodeJS.Module): void {
  const folder = dirname(program.filename);
  const script = compile(filesOf(folder, basename(program.filename)));
  const run = script.runInThisContext() as (...scope: unknown[]) => void;
  const cache = process.env[WRITE_CACHE];
  if (cache !== undefined) process.once("exit", () => writeCache(script, cache));
  // this program's alone, not its children's
  delete process.env[WRITE_CACHE];
  run(program.exports, program.require.bind(program), program, program.filename, folder);
}

/** The environment of the run that is to write a program's code cache. */
export function writingCache({ cache }: ProgramFiles): NodeJS.ProcessEnv {
  return { ...process.env, [WRITE_CACHE]: cache };
}

/** Throws what reading and V8 throw. */
export function compile({ code, cache }: ProgramFiles): Script {
  const cachedData = trustedCache(code, cache);
  return new Script(Module.wrap(readFileSync(code, "utf8")), {
    filename: code,
    ...(cachedData === null ? {} : { cachedData }),
  });
}

/** V8 does not check a cache's content: after a power cut it is there whole, or not at all. */
export function writeCache(script: Script, cache: string): void {
  writeDurably(cache, script.createCachedData(), 0o644);
}

/** A cache is code: it is taken only from who could have changed the code itself. */
function trustedCache(code: string, cache: string): Buffer | null {
  try {
    return isSafeAs(statSync(cache), statSync(code)) ? readFileSync(cache) : null;
  } catch {
    // none, or none that this account may read
    return null;
  }
}

function isSafeAs(cache: Stats, code: Stats): boolean {
  return cache.isFile() && cache.uid === code.uid && (cache.mode & 0o022) === 0;
}

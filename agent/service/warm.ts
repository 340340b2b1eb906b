import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { compile, filesOf, type ProgramFiles, writeCache, writingCache } from "./start.ts";

/**
 * `warm.cjs`: writes the V8 code caches of the programs beside it, for the Node that it finds. Run by whoever
 * installs the package, as the owner of its files; again after Node was replaced. V8 takes a cache only under
 * the flags that it was written under: this and the programs are run by their own first lines.
 */

/** With it a program ends at once, having compiled what its start needs: the command tells it, a service refuses it. */
const SHORTEST_RUN = ["--version"];

function warm(folder: string): void {
  rmSync(join(folder, "cache"), { recursive: true, force: true });
  mkdirSync(join(folder, "cache"), { mode: 0o755 });
  for (const name of readdirSync(join(folder, "code"))) {
    const files = filesOf(folder, name);
    const program = join(folder, name);
    // what runs in a thread or process of another cannot be started by itself: it is compiled, and not run
    if (isExecutable(program)) runOnce(program, files);
    else writeCache(compile(files), files.cache);
    process.stdout.write(`${name} ${statSync(files.cache).size}\n`);
  }
}

function isExecutable(program: string): boolean {
  return (statSync(program).mode & 0o111) !== 0;
}

function runOnce(program: string, files: ProgramFiles): void {
  spawnSync(program, SHORTEST_RUN, { stdio: "ignore", env: writingCache(files) });
}

warm(dirname(__filename));

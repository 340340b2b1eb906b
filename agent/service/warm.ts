import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { compile, filesOf, type ProgramFiles, writeCache, writingCache } from "./start.ts";

/**
 * `warm.cjs`: writes the V8 code caches of the programs beside it, for the Node that it finds. Run by whoever
 * installs the package, as the owner of its files; again after Node was replaced. V8 takes a cache only under
 * the flags that it was written under: this and the programs are run by their own first lines.
 */

/** What each program is run with to compile what its start needs: it ends at once. */
const SHORTEST_RUNS: Record<string, string[]> = {
  "fulltrace.cjs": ["--version"],
  "recorder.cjs": [],
  "dock.cjs": [],
  "receiver.cjs": [],
  "mounter.cjs": [],
};

function warm(folder: string): void {
  rmSync(join(folder, "cache"), { recursive: true, force: true });
  mkdirSync(join(folder, "cache"), { mode: 0o755 });
  for (const name of readdirSync(join(folder, "code"))) {
    const files = filesOf(folder, name);
    const args = SHORTEST_RUNS[name];
    // what runs in a thread is compiled, and not run
    if (args === undefined) writeCache(compile(files), files.cache);
    else runOnce(join(folder, name), args, files);
    process.stdout.write(`${name} ${statSync(files.cache).size}\n`);
  }
}

function runOnce(program: string, args: string[], files: ProgramFiles): void {
  spawnSync(program, args, { stdio: "ignore", env: writingCache(files) });
}

warm(dirname(__filename));

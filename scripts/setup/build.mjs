import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { run, SetupError, say } from "./say.mjs";

const ROOMS = ["agent", "capture", "config", "crypto", "drivers", "scripts", "sync", "test"];

/**
 * Compiles to dist/ when a source, the compiler's options or the packages changed since the last
 * compilation that succeeded.
 */
export function build(root) {
  const dist = join(root, "dist");
  const stampFile = join(dist, ".fulltrace-stamp");
  const sources = ROOMS.flatMap((room) => filesBelow(join(root, room), ".ts"));
  const stamp = digest(root, [...sources, join(root, "tsconfig.json"), join(root, "package-lock.json")]);
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  say(`set-up: compiling ${sources.length} files`);
  rmSync(stampFile, { force: true });
  removeOrphans(root, dist);
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  if (run(process.execPath, [compiler, "-p", join(root, "tsconfig.json")]) !== 0) {
    throw new SetupError("The sources do not compile.", "correct what the compiler names above.");
  }
  writeFileSync(stampFile, stamp);
}

/** Output whose source is gone would still be found: a deleted test would still run. */
function removeOrphans(root, dist) {
  for (const output of filesBelow(dist, ".js")) {
    const source = join(root, relative(dist, output)).replace(/\.js$/, ".ts");
    if (existsSync(source)) continue;
    rmSync(output, { force: true });
    rmSync(`${output}.map`, { force: true });
    // the compiler's own record would hold that output for up to date
    rmSync(join(dist, ".tsbuildinfo"), { force: true });
  }
}

function digest(root, files) {
  const hash = createHash("sha256");
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`${relative(root, file).split(sep).join("/")} ${content.length}\n`).update(content);
  }
  return `${hash.digest("hex")}\n`;
}

/** Every file below `folder` whose name ends with `ending`, sorted; none when there is no such folder. */
export function filesBelow(folder, ending) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort();
}

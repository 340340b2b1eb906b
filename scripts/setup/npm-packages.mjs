import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { run, SetupError, say } from "./say.mjs";
import { installSystemPackages } from "./system-packages.mjs";

/**
 * Makes node_modules what package-lock.json says, with SQLite compiled for this Node.
 * The stamp is written last, so an interrupted installation is done again.
 */
export function installNpmPackages(root) {
  const stampFile = join(root, "node_modules", ".fulltrace-stamp");
  const stamp = wantedStamp(root);
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  if (!sqliteLoads(root) || !installedMatchesLock(root)) {
    installSystemPackages("compile");
    say("set-up: npm ci (compiles SQLite, about two minutes)");
    const env = compileEnvironment();
    if (run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=warn"], { cwd: root, env }) !== 0) {
      throw new SetupError("npm ci failed.", "see above; it needs the npm registry once.");
    }
    // npm leaves the module uncompiled, and succeeds, where its policy blocks install scripts.
    if (!sqliteLoads(root))
      run("npm", ["rebuild", "better-sqlite3", "--foreground-scripts"], { cwd: root, env });
    if (!sqliteLoads(root)) {
      throw new SetupError(
        "better-sqlite3 was installed but does not load.",
        "run `npm rebuild better-sqlite3 --foreground-scripts` and read what the compiler says.",
      );
    }
  }
  writeFileSync(stampFile, stamp);
}

/** What node_modules must have been made from: these packages, for this Node and this machine. */
function wantedStamp(root) {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  return `${lock} node-abi-${process.versions.modules} ${process.platform}-${process.arch}\n`;
}

/** npm's own record of what it installed names every package of the lock file that this platform needs. */
function installedMatchesLock(root) {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, "utf8")).packages;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  return (
    Object.entries(wanted).every(([path, { integrity, optional }]) => {
      return (
        path === "" || (installed[path] === undefined ? optional : installed[path].integrity === integrity)
      );
    }) && Object.keys(installed).every((path) => path in wanted)
  );
}

/** A child loads the module, since a broken one can take its process down. */
function sqliteLoads(root) {
  const script = 'new (require("better-sqlite3"))(":memory:").prepare("SELECT 1").get()';
  return spawnSync(process.execPath, ["--eval", script], { cwd: root, stdio: "ignore" }).status === 0;
}

/**
 * Compiling here keeps to the npm and Debian registries: a prebuilt module would come from elsewhere, and
 * so would Node's headers where they are not beside Node.
 */
function compileEnvironment() {
  const prefix = dirname(dirname(process.execPath));
  const headers = existsSync(join(prefix, "include", "node", "node.h")) ? { npm_config_nodedir: prefix } : {};
  return {
    ...process.env,
    ...headers,
    // not "true": serialport and usb bring their own prebuilt modules, and would be compiled too
    npm_config_build_from_source: "better-sqlite3",
    npm_config_update_notifier: "false",
  };
}

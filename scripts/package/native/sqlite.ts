import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cacheFolder } from "../cache-folder.ts";
import { run } from "../run.ts";
import type { Target } from "../target.ts";
import { lockOf } from "./native-packages.ts";
import { fetchNode, NODE_HEADERS, type NodeHeaders } from "./node-headers.ts";

/**
 * SQLite's module for another kind of machine: the one native package whose registry has nothing compiled,
 * and the one that must be compiled for each generation of Node.
 */

const PACKAGE = "node_modules/better-sqlite3";
const MODULE = "better_sqlite3.node";

/** Puts a module for each Node that a unit may carry where the package below `folder` looks for it. */
export async function addSqlite(root: string, folder: string, target: Target): Promise<void> {
  const isOwn = target.nodeArch === process.arch;
  const own = join(root, PACKAGE, "build", "Release", MODULE);
  if (isOwn) return place(own, folder, target, Number(process.versions.modules));
  for (const headers of NODE_HEADERS)
    place(await crossCompiled(root, target, headers), folder, target, headers.abi);
}

/** The last of the places where the package `bindings` looks. */
function place(module: string, folder: string, { nodeArch }: Target, abi: number): void {
  const to = join(folder, PACKAGE, "lib", "binding", `node-v${abi}-linux-${nodeArch}`, MODULE);
  mkdirSync(dirname(to), { recursive: true });
  cpSync(module, to);
}

/** From the cache, or compiled there: the same sources, headers and compiler give the same module. */
async function crossCompiled(root: string, target: Target, headers: NodeHeaders): Promise<string> {
  const kept = join(cacheFolder("native"), await keyOf(root, target, headers), MODULE);
  if (existsSync(kept)) return kept;
  const work = mkdtempSync(join(tmpdir(), "fulltrace-native-"));
  try {
    const module = await compile(root, work, target, headers);
    mkdirSync(dirname(kept), { recursive: true });
    cpSync(module, `${kept}.new`);
    renameSync(`${kept}.new`, kept);
    return kept;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function keyOf(root: string, { triplet }: Target, { sha512 }: NodeHeaders): Promise<string> {
  const { version } = lockOf(root)[PACKAGE] ?? {};
  const compiler = await run(`${triplet}-g++`, ["--version"]);
  const own = readFileSync(new URL(import.meta.url));
  return createHash("sha256")
    .update([version, triplet, sha512, compiler].join("\n"))
    .update(own)
    .digest("hex")
    .slice(0, 32);
}

async function compile(root: string, work: string, target: Target, headers: NodeHeaders): Promise<string> {
  const [sources, node] = [join(work, "sqlite"), await fetchNode(headers, join(work, "headers"))];
  mkdirSync(sources);
  for (const part of ["package.json", "binding.gyp", "deps", "src"]) {
    cpSync(join(root, PACKAGE, part), join(sources, part), { recursive: true });
  }
  const tool = (name: string) => `${target.triplet}-${name}`;
  // no path of this machine in what is compiled: the same module wherever it is made
  const flags = `-ffile-prefix-map=${work}=.`;
  const arch = [`--arch=${target.nodeArch}`, `--target_arch=${target.nodeArch}`, "--dest-os=linux"];
  await run(
    process.execPath,
    [await nodeGyp(), "rebuild", "--release", "--jobs=max", ...arch, `--nodedir=${node}`],
    {
      cwd: sources,
      env: {
        ...process.env,
        ...{ CC: tool("gcc"), CXX: tool("g++"), AR: tool("ar"), LINK: tool("g++") },
        ...{ CC_host: "gcc", CXX_host: "g++", AR_host: "ar", LINK_host: "g++" },
        ...{ CFLAGS: flags, CXXFLAGS: flags },
      },
    },
  );
  const module = join(sources, "build", "Release", MODULE);
  await run(tool("strip"), ["--strip-unneeded", module]);
  return module;
}

/** npm's own. */
async function nodeGyp(): Promise<string> {
  const npm = (await run("sh", ["-c", "command -v npm"])).trim();
  return createRequire(realpathSync(npm)).resolve("node-gyp/bin/node-gyp.js");
}

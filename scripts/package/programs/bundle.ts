import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";

/**
 * The package's programs: one file of JavaScript for each role, the command, and each thread or process that
 * they start.
 */

/** Packages with compiled code, which a bundle cannot hold: they stay packages. */
export const NATIVE_PACKAGES = ["better-sqlite3", "serialport", "usb"] as const;

const COMMAND = "agent/cli/main.ts";
/** Those that somebody starts by name. */
const MAINS: Record<string, string> = {
  fulltrace: COMMAND,
  recorder: "agent/service/recorder.ts",
  dock: "agent/service/dock.ts",
  receiver: "agent/service/receiver.ts",
  mounter: "agent/service/mounter.ts",
  updater: "agent/service/updater.ts",
};
/** Those that run as they are: a start without a code cache. */
const STARTERS: Record<string, string> = {
  start: "agent/service/start.ts",
  warm: "agent/service/warm.ts",
};
/** A file that runs in a thread or a process of its own, as its user names it. */
const WORKER = /new URL\("(\.\/[^"]*?([a-z-]+-(?:thread|process))\.js)", import\.meta\.url\)/g;
const SOURCES = /\/(?:agent|capture|config|crypto|drivers|sync)\/.*\.ts$/;
/** CommonJS, which V8 can cache, has no such name. */
const MODULE_URL = 'const __moduleUrl=require("node:url").pathToFileURL(__filename).href;';

/**
 * Writes the programs of the sources below `root` into `folder`, and answers the packages that went into them,
 * by their paths in the lock file, sorted.
 */
export async function bundlePrograms(root: string, folder: string): Promise<string[]> {
  const workers = new Map<string, string>();
  const built = new Set<string>();
  const inputs: string[] = [];
  let wanted = new Map(Object.entries(MAINS));
  while (wanted.size > 0) {
    const { metafile } = await build({
      ...optionsFor(root, wanted, join(folder, "code")),
      plugins: [workerCollector(workers)],
    });
    inputs.push(...Object.keys(metafile.inputs));
    for (const name of wanted.keys()) built.add(name);
    wanted = new Map([...workers].filter(([name]) => !built.has(name)));
  }
  await build(optionsFor(root, new Map(Object.entries(STARTERS)), folder));
  // by which the command is started, and every program that a service starts
  const firstLine = `${readFileSync(join(root, COMMAND), "utf8").split("\n", 1)[0]}\n`;
  for (const name of built) writeStub(folder, name, firstLine);
  markExecutable(join(folder, "warm.cjs"), firstLine);
  return packagesOf(inputs);
}

/** `node_modules/a/node_modules/@b/c/lib/index.js` is of `node_modules/a/node_modules/@b/c`. */
function packagesOf(inputs: readonly string[]): string[] {
  const found = inputs.map((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? "");
  return [...new Set(found)].filter((path) => path !== "").sort();
}

function optionsFor(root: string, programs: ReadonlyMap<string, string>, outdir: string) {
  return {
    absWorkingDir: root,
    entryPoints: Object.fromEntries(programs),
    outdir,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    // Node before 20.12 cannot import from what V8 was given with a cache
    supported: { "dynamic-import": false },
    external: [...NATIVE_PACKAGES],
    charset: "ascii",
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    define: { "import.meta.url": "__moduleUrl" },
    banner: { js: MODULE_URL },
    metafile: true,
    logLevel: "warning",
  } satisfies BuildOptions;
}

/** Makes every worker a program beside its user, and notes where its source is. */
function workerCollector(workers: Map<string, string>): Plugin {
  return {
    name: "workers",
    setup: ({ onLoad }) => {
      onLoad({ filter: SOURCES }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        const contents = text.replace(WORKER, (_, reference: string, name: string) => {
          addWorker(workers, name, resolve(path, "..", reference.replace(/\.js$/, ".ts")));
          return `new URL("./${name}.cjs", import.meta.url)`;
        });
        return { contents, loader: "ts" };
      });
    },
  };
}

/** All programs lie in one folder. */
function addWorker(workers: Map<string, string>, name: string, source: string): void {
  const other = workers.get(name);
  if (other !== undefined && other !== source) throw new Error(`${source} and ${other} have one name`);
  workers.set(name, source);
}

/** What a program's name names: it runs the bundle with its code cache. */
function writeStub(folder: string, name: string, firstLine: string): void {
  const stub = join(folder, `${name}.cjs`);
  const isMain = Object.hasOwn(MAINS, name);
  // the line that an interpreter is named in is no JavaScript for V8's compiler of functions
  const code = join(folder, "code", `${name}.cjs`);
  writeFileSync(code, readFileSync(code, "utf8").replace(/^#!.*\n/, ""));
  chmodSync(code, 0o644);
  writeFileSync(stub, `${isMain ? firstLine : ""}require("./start.cjs").start(module);\n`);
  if (isMain) chmodSync(stub, 0o755);
}

function markExecutable(file: string, firstLine: string): void {
  writeFileSync(file, firstLine + readFileSync(file, "utf8"), { mode: 0o755 });
  chmodSync(file, 0o755);
}

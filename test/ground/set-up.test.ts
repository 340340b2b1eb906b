import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { REPOSITORY } from "../support/repository.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fulltrace-set-up-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Puts a program of this name on the only PATH there is; it logs how it was called, then does `script`. */
function program(name: string, script = "exit 0"): void {
  write(`bin/${name}`, `#!/bin/sh\necho "${name} $*" >> "${join(folder, "calls")}"\n${script}\n`);
  chmodSync(join(folder, "bin", name), 0o755);
}

/** The programs that were called since this was last asked. */
function calls(): string[] {
  const log = join(folder, "calls");
  if (!existsSync(log)) return [];
  const lines = readFileSync(log, "utf8").trimEnd().split("\n");
  rmSync(log);
  return lines;
}

/** Calls a function of one set-up module in a process that sees only the planted programs; "" or what it complained. */
function setUp(module: string, call: string): string {
  const url = pathToFileURL(join(REPOSITORY, "scripts", "setup", `${module}.mjs`)).href;
  const script = `const m = await import(${JSON.stringify(url)}); try { m.${call}; } catch (e) { console.log(e.message); }`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    env: { PATH: join(folder, "bin"), NODE_V8_COVERAGE: "" },
    encoding: "utf8",
  });
  return stdout.trim();
}

describe("set-up of system packages", () => {
  beforeEach(() => {
    program("ffmpeg");
    program("dpkg-query", "exit 1");
    // sudo and env are how apt-get is reached; both pass on to what they are given
    program("sudo", 'exec "$@"');
    program("env", 'shift; exec "$@"');
  });
  const aptCalls = () => calls().filter((call) => call.startsWith("apt-get"));

  it("asks for nothing when nothing is missing", () => {
    program("apt-get");
    assert.equal(setUp("system-packages", 'installSystemPackages("demo")'), "");
    assert.deepEqual(aptCalls(), []);
  });

  it("installs what is missing, in one go", () => {
    program("apt-get");
    program("python3");
    assert.equal(setUp("system-packages", 'installSystemPackages("compile")'), "");
    assert.deepEqual(aptCalls(), ["apt-get -q install --yes --no-install-recommends make g++"]);
  });

  it("believes dpkg about packages without a program", () => {
    program("apt-get");
    program("dpkg-query", 'shift 2; for name; do echo "$name installed"; done');
    assert.equal(setUp("system-packages", 'installSystemPackages("test")'), "");
    assert.deepEqual(aptCalls(), []);
  });

  it("refreshes stale package lists once", () => {
    program(
      "apt-get",
      `case "$*" in *update*) : > "${join(folder, "fresh")}";; esac\ntest -e "${join(folder, "fresh")}"`,
    );
    assert.equal(setUp("system-packages", 'installSystemPackages("compile")'), "");
    const install = "apt-get -q install --yes --no-install-recommends make g++ python3";
    assert.deepEqual(aptCalls(), [install, "apt-get -q update", install]);
  });

  it("says what to do when it cannot", () => {
    program("apt-get", "exit 100");
    assert.match(
      setUp("system-packages", 'installSystemPackages("compile")'),
      /next: .*apt-get install make g\+\+ python3/,
    );
    rmSync(join(folder, "bin", "apt-get"));
    assert.match(
      setUp("system-packages", 'installSystemPackages("compile")'),
      /no apt-get.*\n.*make g\+\+ python3/,
    );
  });
});

describe("set-up of npm packages", () => {
  const install = () => setUp("npm-packages", `installNpmPackages(${JSON.stringify(folder)})`);
  const npmCalls = () => calls().filter((call) => call.startsWith("npm"));
  const sqlite = "node_modules/better-sqlite3/index.js";
  const loading = "module.exports = class { prepare() { return { get() {} }; } };";
  const record = '{"packages":{"node_modules/better-sqlite3":{"integrity":"sha512-x"}}}';

  /** An npm whose `verb` leaves a module that loads. */
  function npmThat(verb: string): void {
    const made = join(folder, sqlite);
    const script = `/bin/mkdir -p "${dirname(made)}"\necho '${loading}' > "${made}"\necho '${record}' > "${join(folder, "node_modules/.package-lock.json")}"`;
    program("npm", `case "$1" in ${verb}) ${script};; esac`);
  }

  beforeEach(() => {
    for (const name of ["make", "g++", "python3"]) program(name);
    write("package-lock.json", '{"packages":{"":{},"node_modules/better-sqlite3":{"integrity":"sha512-x"}}}');
  });

  it("installs once, and again only when the lock file changes", () => {
    npmThat("ci");
    assert.equal(install(), "");
    assert.equal(npmCalls().length, 1);
    assert.equal(install(), "");
    assert.deepEqual(npmCalls(), []);
    write("package-lock.json", '{"packages":{"":{},"node_modules/better-sqlite3":{"integrity":"sha512-y"}}}');
    assert.equal(install(), "");
    assert.equal(npmCalls().length, 1);
  });

  it("takes over what somebody installed by hand", () => {
    npmThat("never");
    write(sqlite, loading);
    write("node_modules/.package-lock.json", record);
    assert.equal(install(), "");
    assert.deepEqual(npmCalls(), []);
  });

  it("compiles what npm installed without compiling", () => {
    npmThat("rebuild");
    assert.equal(install(), "");
    assert.deepEqual(
      npmCalls().map((call) => call.split(" ")[1]),
      ["ci", "rebuild"],
    );
  });

  it("says so when the module does not load, and does not believe it the next time either", () => {
    npmThat("never");
    for (const _ of [1, 2]) {
      assert.match(install(), /does not load\.\n {2}next: run `npm rebuild better-sqlite3/);
      assert.equal(npmCalls().length, 2);
    }
  });

  it("stops when npm fails", () => {
    program("npm", "exit 1");
    assert.match(install(), /npm ci failed/);
  });
});

describe("set-up of the build", () => {
  const compile = () => setUp("build", `build(${JSON.stringify(folder)})`);

  beforeEach(() => {
    symlinkSync(join(REPOSITORY, "node_modules"), join(folder, "node_modules"));
    write("tsconfig.json", readFileSync(join(REPOSITORY, "tsconfig.json"), "utf8"));
    write("package.json", '{"type":"module"}');
    write("package-lock.json", "{}");
    write("sync/kept.ts", "export const kept = 1;\n");
    write("sync/gone.ts", "export const gone = 1;\n");
  });

  it("compiles once, and again when a source changes", () => {
    assert.equal(compile(), "");
    const output = join(folder, "dist", "sync", "kept.js");
    assert.match(readFileSync(output, "utf8"), /kept = 1/);
    rmSync(output);
    assert.equal(compile(), "");
    assert.ok(!existsSync(output), "nothing had changed, so nothing was compiled");
    rmSync(join(folder, "dist"), { recursive: true });
    write("sync/kept.ts", "export const kept = 2;\n");
    assert.equal(compile(), "");
    assert.match(readFileSync(output, "utf8"), /kept = 2/);
  });

  it("removes the output of a source that is gone, so that a deleted test does not run on", () => {
    compile();
    rmSync(join(folder, "sync", "gone.ts"));
    assert.equal(compile(), "");
    assert.ok(!existsSync(join(folder, "dist", "sync", "gone.js")));
    assert.ok(existsSync(join(folder, "dist", "sync", "kept.js")));
  });

  it("stops at an error, each time", () => {
    write("sync/kept.ts", 'export const kept: number = "one";\n');
    for (const _ of [1, 2]) assert.match(compile(), /do not compile/);
  });
});

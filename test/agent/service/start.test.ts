import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { compile, filesOf, type ProgramFiles, writeCache } from "../../../agent/service/start.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";

const PROGRAM = "module.exports = (a, b) => [a, b].map((x) => x + 1);";

/** A program on disk, with a cache of it that this process wrote. */
function program(t: TestContext, code = PROGRAM): ProgramFiles {
  const files = filesOf(temporaryDirectory(t), "program.cjs");
  for (const file of Object.values(files)) mkdirSync(dirname(file));
  writeFileSync(files.code, code);
  writeCache(compile(files), files.cache);
  return files;
}

/** Whether V8 is given a cache, and takes it; in a process of its own, since V8 remembers what it has compiled. */
function taken(files: ProgramFiles): "taken" | "rejected" | "not given" {
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", JUDGE, JSON.stringify(files)]);
  return JSON.parse(`${stdout}`);
}

const JUDGE = `
  import { compile } from ${JSON.stringify(new URL("../../../agent/service/start.js", import.meta.url).href)};
  const { cachedDataRejected } = compile(JSON.parse(process.argv[1]));
  console.log(JSON.stringify({ undefined: "not given", true: "rejected", false: "taken" }[cachedDataRejected]));`;

/** What the program exports. */
function exported(files: ProgramFiles): (a: number, b: number) => number[] {
  const module = { exports: (): number[] => [] };
  (compile(files).runInThisContext() as (...scope: unknown[]) => void)(module.exports, null, module);
  return module.exports;
}

describe("a program's code cache", () => {
  it("is taken when it is this program's, and the owner's alone to write", (t) => {
    const files = program(t);
    assert.equal(taken(files), "taken");
    assert.equal(statSync(files.cache).mode & 0o777, 0o644);
  });

  it("is not given to V8 when others could have written it", (t) => {
    const files = program(t);
    for (const mode of [0o664, 0o646, 0o666]) {
      chmodSync(files.cache, mode);
      assert.equal(taken(files), "not given");
    }
  });

  it("is not given to V8 when it is no file", (t) => {
    const files = program(t);
    const { cache } = filesOf(temporaryDirectory(t), "program.cjs");
    assert.equal(taken({ ...files, cache }), "not given");
    mkdirSync(cache, { recursive: true });
    assert.equal(taken({ ...files, cache }), "not given");
    const dangling = `${files.cache}.link`;
    symlinkSync(cache.concat("-nowhere"), dangling);
    assert.equal(taken({ ...files, cache: dangling }), "not given");
  });

  it("of another program is rejected, and the program runs all the same", (t) => {
    const files = program(t);
    writeFileSync(files.code, PROGRAM.replace("x + 1", "x + 20"));
    assert.equal(taken(files), "rejected");
    assert.deepEqual(exported(files)(1, 2), [21, 22]);
  });

  it("that was cut off, or is none, is rejected", (t) => {
    const files = program(t);
    const whole = readFileSync(files.cache);
    for (const damaged of [whole.subarray(0, whole.length >> 1), Buffer.alloc(0), Buffer.alloc(64, 7)]) {
      writeFileSync(files.cache, damaged);
      assert.equal(taken(files), "rejected");
      assert.deepEqual(exported(files)(1, 2), [2, 3]);
    }
  });
});

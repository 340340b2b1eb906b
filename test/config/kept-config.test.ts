import assert from "node:assert/strict";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { loadOrKept } from "../../config/kept-config.ts";
import { temporaryDirectory } from "../support/surroundings.ts";
import { recorder } from "./sample-config.ts";

const NEWER = `${recorder}\n[of_next_spring]\nkey = 1\n`;

/** A unit's file and the folder that outlives its versions. */
function unit(t: TestContext) {
  const folder = temporaryDirectory(t);
  const file = join(folder, "recorder.toml");
  const kept = join(folder, "configs");
  const write = (toml: string) => writeFileSync(file, toml);
  const start = (version: string) => loadOrKept(file, kept, version);
  /** As a version starts that knows what the file has. */
  const startedWith = (version: string, toml: string) => {
    write(recorder);
    start(version);
    write(toml);
  };
  return { file, kept, write, start, startedWith };
}

describe("a configuration that a newer version was given", () => {
  it("leaves the older one, which falls back, with what it started with", (t) => {
    const { write, start, startedWith } = unit(t);
    write(recorder.replace('"7"', '"before"'));
    start("1.0.0");
    startedWith("1.1.0", NEWER);
    for (const time of ["first", "again"]) {
      const { config, refused } = start("1.0.0");
      assert.equal(config.role === "recorder" && config.device.serial, "before", time);
      assert.match(refused?.place ?? "", /of_next_spring/);
    }
  });

  it("is the older one's own file again once that can read it", (t) => {
    const { write, start, startedWith } = unit(t);
    write(recorder);
    start("1.0.0");
    startedWith("1.1.0", NEWER);
    start("1.0.0");
    write(recorder.replace('"7"', '"mended"'));
    const { config, refused } = start("1.0.0");
    assert.equal(config.role === "recorder" && config.device.serial, "mended");
    assert.equal(refused, null);
  });

  it("keeps its relative paths where they were", (t) => {
    const { file, write, start, startedWith } = unit(t);
    write(recorder);
    const before = start("1.0.0").config.dataDir;
    startedWith("1.1.0", NEWER);
    assert.equal(start("1.0.0").config.dataDir, before);
    assert.equal(before, join(file, "..", "data"));
  });
});

describe("a configuration with a fault", () => {
  it("is refused by the version that started last: somebody must see it", (t) => {
    const { write, start } = unit(t);
    write(recorder);
    start("1.0.0");
    for (const fault of [NEWER, "role = "]) {
      write(fault);
      assert.throws(() => start("1.0.0"), /bad-config|config-syntax/);
    }
  });

  it("is refused by a version that never started", (t) => {
    const { start, startedWith } = unit(t);
    startedWith("1.0.0", NEWER);
    assert.throws(() => start("0.9.0"), { code: "bad-config" });
  });

  it("is refused when it is not there", (t) => {
    const { write, start, file } = unit(t);
    write(recorder);
    start("1.0.0");
    start("1.1.0");
    assert.throws(() => loadOrKept(`${file}.none`, file, "1.0.0"), { code: "config-missing" });
  });
});

it("what is kept is the owner's alone, and of the last four versions", (t) => {
  const { kept, write, start } = unit(t);
  write(recorder);
  for (let minor = 0; minor < 7; minor++) start(`1.${minor}.0`);
  const files = readdirSync(kept);
  assert.equal(files.filter((name) => name.endsWith(".toml")).length, 4);
  assert.ok(files.includes("1.6.0.toml"));
  for (const name of files) assert.equal(statSync(join(kept, name)).mode & 0o077, 0, name);
});

it("what cannot be kept keeps nobody from starting", (t) => {
  const { file, write } = unit(t);
  write(recorder);
  // a folder that can hold nothing
  const { config, refused } = loadOrKept(file, join(file, "configs"), "1.0.0");
  assert.deepEqual([config.role, refused], ["recorder", null]);
});

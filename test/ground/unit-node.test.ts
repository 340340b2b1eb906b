import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { REPOSITORY } from "../support/repository.ts";

// Units run the Node that can be had for 32-bit ARM, which is older than the one that tests this. What each of its
// modules exports was written down by that Node itself, under emulation.

const modules = new Map(
  readFileSync(join(REPOSITORY, "test/vectors/unit-node/exports.txt"), "utf8")
    .split("\n")
    .map((line) => line.split(": ") as [string, string?])
    .map(([module, names = ""]) => [module, new Set(names.split(" "))]),
);
const SHIPPED = ["agent", "capture", "config", "crypto", "drivers", "sync"];
const IMPORT = /^import \{([^}]*)\} from "node:([a-z/_]+)";/gm;

/** What is imported from Node by name, as `zlib.crc32`; types are gone before a unit sees them. */
function imported(source: string): string[] {
  return [...source.matchAll(IMPORT)].flatMap(([, names = "", module = ""]) =>
    names
      .split(",")
      .map((name) => name.trim().replace(/ as .*$/, ""))
      .filter((name) => name !== "" && !name.startsWith("type "))
      .map((name) => `${module}.${name}`),
  );
}

function isThere(name: string): boolean {
  const dot = name.lastIndexOf(".");
  return modules.get(name.slice(0, dot))?.has(name.slice(dot + 1)) ?? false;
}

test("what is shipped imports nothing from Node that a unit's Node does not have", () => {
  let seen = 0;
  const absent = SHIPPED.flatMap((room) =>
    readdirSync(join(REPOSITORY, room), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) => {
        const names = imported(readFileSync(join(REPOSITORY, room, file), "utf8"));
        seen += names.length;
        return names.filter((name) => !isThere(name)).map((name) => `${room}/${file}: ${name}`);
      }),
  );
  assert.deepEqual(absent, []);
  assert.ok(seen > 300, `${seen} imports`);
});

test("younger functions are seen: the control", () => {
  const source =
    'import { crc32, type Gzip } from "node:zlib";\nimport {\n  hash,\n  createHash as make,\n} from "node:crypto";\n';
  assert.deepEqual(imported(source), ["zlib.crc32", "crypto.hash", "crypto.createHash"]);
  assert.deepEqual(imported(source).map(isThere), [false, false, true]);
});

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { loadConfig, parseConfig } from "../../config/load.ts";
import { configSchema } from "../../config/schema.ts";
import { REPOSITORY } from "../support/repository.ts";

const examples = join(REPOSITORY, "config/examples");

/** A schema as far as walking it goes. */
interface Walkable {
  entries?: Record<string, Walkable>;
  options?: Walkable[];
  wrapped?: Walkable;
  default?: unknown;
}

/** Every `key.path` of a schema with its default as JSON, or null without one. */
function keysOf(schema: Walkable, path: string, into: Map<string, Set<string | null>>): void {
  const inner = schema.wrapped ?? schema;
  const options = inner.options?.filter((option) => typeof option === "object") ?? [];
  if (inner.entries === undefined && options.length === 0) {
    const defaults = into.get(path) ?? new Set();
    into.set(path, defaults.add(schema.default === undefined ? null : JSON.stringify(schema.default)));
  }
  for (const option of options) keysOf(option, path, into);
  for (const [key, entry] of Object.entries(inner.entries ?? {})) {
    keysOf(entry, path === "" ? key : `${path}.${key}`, into);
  }
}

function everyKey(): Map<string, Set<string | null>> {
  const keys = new Map<string, Set<string | null>>();
  for (const schema of Object.values(configSchema("/"))) keysOf(schema as unknown as Walkable, "", keys);
  return keys;
}

describe("shipped examples", () => {
  for (const role of ["recorder", "dock", "receiver"]) {
    test(`${role}.toml loads as a ${role}`, () => {
      assert.equal(loadConfig(join(examples, `${role}.toml`)).role, role);
    });

    test(`the defaults that ${role}.toml shows are the defaults`, () => {
      const text = readFileSync(join(examples, `${role}.toml`), "utf8");
      const keys = everyKey();
      let table = "";
      let shown = 0;
      for (const line of text.split("\n")) {
        table = /^(?:# )?\[(\w+)\]/.exec(line)?.[1] ?? table;
        const [, key, value] = /^# (\w+) = (\[.*\]|"[^"]*"|\S+)/.exec(line) ?? [];
        if (key === undefined || value === undefined) continue;
        const defaults = keys.get(table === "" ? key : `${table}.${key}`);
        assert.ok(defaults !== undefined, `${role}.toml shows ${table}.${key}, which does not exist`);
        if (defaults.has(null) || key === "devices" || key === "witness" || key === "custody") continue;
        assert.ok(defaults.has(JSON.stringify(JSON.parse(value))), `${table}.${key} = ${value}`);
        shown++;
      }
      assert.ok(shown > 3);
    });
  }

  test("there is no other one", () => {
    assert.deepEqual(readdirSync(examples).sort(), ["dock.toml", "receiver.toml", "recorder.toml"]);
  });
});

describe("docs/configuration.md", () => {
  const rows = new Map<string, string>();
  for (const line of readFileSync(join(REPOSITORY, "docs/configuration.md"), "utf8").split("\n")) {
    const [, key, standard] = /^\| `([\w.]+)` \| ([^|]+) \|/.exec(line) ?? [];
    if (key !== undefined && standard !== undefined) rows.set(key, standard);
  }

  test("lists every key and no other", () => {
    assert.deepEqual([...rows.keys()].sort(), [...everyKey().keys()].sort());
  });

  test("tells every default", () => {
    for (const [key, defaults] of everyKey()) {
      for (const value of defaults) {
        const told = rows.get(key) ?? "";
        if (value === null) assert.match(told, /^(required|none)/, key);
        else assert.ok(told.includes(value.replaceAll(",", ", ")), `${key}: ${told} should be ${value}`);
      }
    }
  });
});

test("a key that no schema has would be noticed", () => {
  assert.equal(everyKey().has("recording.chunk_ms"), true);
  assert.equal(everyKey().has("recording.chnk_ms"), false);
  assert.throws(() =>
    parseConfig(readFileSync(join(examples, "dock.toml"), "utf8").replace("[disk]", "[disc]"), "a.toml"),
  );
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { REPOSITORY } from "../support/repository.ts";

interface Locked {
  dev?: boolean;
  hasInstallScript?: boolean;
  optionalDependencies?: Record<string, string>;
}

const json = (name: string): unknown => JSON.parse(readFileSync(join(REPOSITORY, name), "utf8"));
const manifest = json("package.json") as {
  engines: { node: string };
  allowScripts: Record<string, boolean>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};
const locked = (json("package-lock.json") as { packages: Record<string, Locked> }).packages;

describe("the packages", () => {
  it("are pinned to one version each", () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      assert.match(version, /^\d+\.\d+\.\d+$/, name);
    }
  });

  it("that run a script when installed are the ones allowed to", () => {
    const scripted = Object.entries(locked).filter(([, { hasInstallScript }]) => hasInstallScript === true);
    const names = scripted.map(([path]) => path.replace(/^.*node_modules\//, ""));
    assert.deepEqual(names.sort(), Object.keys(manifest.allowScripts).sort());
  });

  // `npm ci` refuses a lock file without them, and a registry mirror that lacks a platform makes npm drop it
  it("are locked for every platform they name", () => {
    const missing = Object.values(locked)
      .flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}))
      .filter((name) => !(`node_modules/${name}` in locked));
    assert.deepEqual(missing, []);
  });

  // what it is told not to keep in memory would be kept by the other copy
  it("have one mqtt-packet, the one that MQTT.js loads", () => {
    const copies = Object.keys(locked).filter((path) => path.endsWith("node_modules/mqtt-packet"));
    assert.deepEqual(copies, ["node_modules/mqtt-packet"]);
  });
});

describe("the required version of Node", async () => {
  const { satisfies } = (await import(
    pathToFileURL(join(REPOSITORY, "scripts", "setup", "node-version.mjs")).href
  )) as { satisfies: (version: string, required: string) => boolean };

  for (const [version, enough] of [
    ["20.19.0", true],
    ["20.20.2", true],
    ["22.0.0", true],
    ["100.1.0", true],
    ["20.18.9", false],
    ["20.2.0", false],
    ["18.20.4", false],
  ] as const) {
    it(`${enough ? "is met by" : "is not met by"} ${version}`, () =>
      assert.equal(satisfies(version, ">=20.19"), enough));
  }

  it("is met by the Node that runs this", () => {
    assert.ok(satisfies(process.versions.node, manifest.engines.node));
  });
});

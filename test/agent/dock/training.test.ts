import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfig } from "../../../config/load.ts";
import { REPOSITORY } from "../../support/repository.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { MAIN } from "../cli/command-line.ts";

const page = readFileSync(join(REPOSITORY, "docs/dock.md"), "utf8");
const section = page.slice(page.indexOf("## Try it without hardware"));
const blocks = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, commands = ""]) => commands);

test("the training dock of docs/dock.md is set up by its commands as they stand", (t) => {
  const folder = temporaryDirectory(t);
  const [first = "", setUp = ""] = blocks;
  assert.match(first, /fulltrace\(\) \{ node .*\/dist\/agent\/cli\/main\.js" "\$@"; \}/);
  const fulltrace = `fulltrace() { "${process.execPath}" "${MAIN}" "$@"; }`;
  execFileSync("bash", ["-euc", `${fulltrace}\n${setUp}`], { cwd: folder, stdio: "pipe" });
  const dock = loadConfig(join(folder, "dock.toml"));
  const receiver = loadConfig(join(folder, "receiver.toml"));
  assert.ok(dock.role === "dock" && receiver.role === "receiver");
  assert.equal(dock.dock.bays.length, 20);
  assert.deepEqual(dock.dock.bays[9], { port: "1-1.10", name: "10" });
  const trust = readFileSync(join(folder, "trust.toml"), "utf8");
  const trusted = [
    ...(dock.sync?.witness ?? []),
    ...(dock.sync?.custody ?? []),
    ...receiver.receiver.devices,
  ];
  assert.equal(trusted.length, 3);
  for (const key of trusted) assert.ok(trust.includes(key), key);
});

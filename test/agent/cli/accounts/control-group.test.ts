import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { admitGroup } from "../../../../agent/control/access.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import { dock } from "../../../config/sample-config.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";
import { fulltrace } from "../command-line.ts";
import { runningDock } from "../running-dock.ts";
import { fulltraceAs, MEMBER_GID, needsRoot, STRANGER_GID } from "./other-account.ts";

const MODE = 0o7777;

test("a member of the group asks and orders a living agent and reads a dead one's ledger; others may not, and keys stay shut", {
  skip: needsRoot,
}, async (t) => {
  const folder = temporaryDirectory(t);
  chmodSync(folder, 0o755);
  const { child, dataDir } = await runningDock(t, `[control]\ngroup = ${MEMBER_GID}\n`, folder);
  const status = ["status", "--data", dataDir];
  const list = ["ledger", "list", "--data", dataDir, "--json"];

  const socket = statSync(join(dataDir, "control.sock"));
  assert.deepEqual([socket.gid, socket.mode & MODE], [MEMBER_GID, 0o660]);
  const asMember = await fulltraceAs(MEMBER_GID, status);
  assert.equal(asMember.exit, 0, asMember.stderr);
  const open = ["activity", "open", "--kind", "patrol", "--title", "巡逻", "--data", dataDir];
  const ordered = await fulltraceAs(MEMBER_GID, open);
  assert.equal(ordered.exit, 0, ordered.stderr);

  const outside = await fulltraceAs(STRANGER_GID, status);
  assert.equal(outside.exit, 1);
  assert.match(outside.stderr, /^fulltrace: control-forbidden: .*control\.sock \(root:54321 2750\)/);

  for (const key of readdirSync(join(dataDir, "keys")))
    assert.equal(statSync(join(dataDir, "keys", key)).mode & 0o077, 0, key);
  const shown = await fulltraceAs(MEMBER_GID, ["key", "show", "--config", join(folder, "dock.toml")]);
  assert.notEqual(shown.exit, 0, "no member reads a key");

  const entries = (await fulltraceAs(MEMBER_GID, list)).stdout;
  assert.match(entries, /activity\.open/);
  child.kill("SIGTERM");
  await once(child, "exit");
  const dead = await fulltraceAs(MEMBER_GID, list);
  assert.equal(dead.exit, 0, dead.stderr);
  assert.match(dead.stdout, /ledger\.close/);
  assert.match((await fulltraceAs(STRANGER_GID, list)).stderr, /"code":"ledger-forbidden"/);
});

test("a directory from before is opened to the group, with a receiver's ledgers, and to nobody else", {
  skip: needsRoot,
}, (t) => {
  const dataDir = temporaryDirectory(t);
  const device = join(dataDir, "devices", "aa");
  const keys = join(dataDir, "keys");
  for (const path of [keys, device]) mkdirSync(path, { recursive: true, mode: 0o700 });
  for (const path of [join(device, "ledger.db"), join(keys, "device.key")])
    writeFileSync(path, "", { mode: 0o640 });
  admitGroup(dataDir, String(MEMBER_GID));
  const rights = (path: string) => [statSync(path).gid, statSync(path).mode & MODE];
  assert.deepEqual(rights(dataDir), [MEMBER_GID, 0o2750]);
  assert.deepEqual(rights(device), [MEMBER_GID, 0o2750]);
  assert.deepEqual(rights(join(device, "ledger.db")), [MEMBER_GID, 0o640]);
  assert.deepEqual(rights(keys), [0, 0o700]);
  assert.deepEqual(rights(join(keys, "device.key")), [0, 0o640]);
});

test("a group that does not exist ends the start before anything is made", async (t) => {
  const folder = temporaryDirectory(t);
  const config = join(folder, "dock.toml");
  writeFileSync(config, `${dock}\n[control]\ngroup = "no-such-group"\n`);
  const { exit, stderr } = await fulltrace(["run", "--config", config]);
  assert.equal(exit, 2);
  assert.match(
    stderr,
    /fulltrace: group-unknown: control\.group: no-such-group\n {2}This machine has no such group/,
  );
  assert.equal(existsSync(join(folder, "data")), false);
});

test("without a group nothing is changed, and an unknown one is refused", (t) => {
  const dataDir = temporaryDirectory(t);
  const before = statSync(dataDir);
  admitGroup(dataDir, undefined);
  assert.deepEqual([statSync(dataDir).gid, statSync(dataDir).mode], [before.gid, before.mode]);
  assert.throws(
    () => admitGroup(dataDir, "no-such-group"),
    (error) => error instanceof AgentError && error.code === "group-unknown",
  );
});

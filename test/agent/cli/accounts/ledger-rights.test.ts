import assert from "node:assert/strict";
import { chmodSync, chownSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { groupNumber, rightsText } from "../../../../config/base/accounts.ts";
import { writeEvidence } from "../../../support/ledger/evidence.ts";
import { recording } from "../../../support/ledger/scenes.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";
import { fulltrace } from "../command-line.ts";
import { fulltraceAs, MEMBER_GID, needsRoot, STRANGER_GID } from "./other-account.ts";

test("a ledger that an account may not read is told as that, with whom it belongs to, and is none that is missing", {
  skip: needsRoot,
}, async (t) => {
  const dataDir = temporaryDirectory(t);
  writeEvidence(dataDir, recording(2));
  chownSync(dataDir, 0, MEMBER_GID);
  chmodSync(dataDir, 0o750);
  const list = ["ledger", "list", "--data", dataDir];
  for (const args of [list, ["media", "check", "--data", dataDir]]) {
    const { exit, stdout, stderr } = await fulltraceAs(STRANGER_GID, args);
    assert.equal(exit, 2, args.join(" "));
    assert.equal(stdout, "");
    assert.match(stderr, /^fulltrace: ledger-forbidden: .*ledger\.db \(root:54321 0750\)/, args.join(" "));
  }
  assert.equal((await fulltraceAs(MEMBER_GID, list)).exit, 0, "a member of the group reads it");
  chmodSync(join(dataDir, "ledger.db"), 0o600);
  const { stderr } = await fulltraceAs(MEMBER_GID, list);
  assert.match(stderr, /ledger-forbidden: .*ledger\.db \(root:root 0600\)/, "not said to be damaged");
});

test("a directory without a ledger is told as such", async (t) => {
  const { exit, stderr } = await fulltrace(["ledger", "list", "--data", temporaryDirectory(t)]);
  assert.equal(exit, 2);
  assert.match(stderr, /^fulltrace: ledger-missing/);
});

test("groups are known by name and by number, and rights are told of what can be looked at", (t) => {
  const dataDir = temporaryDirectory(t);
  assert.equal(groupNumber("root"), 0);
  assert.equal(groupNumber("54321"), 54_321);
  assert.equal(groupNumber("no-such-group"), null);
  assert.deepEqual(readdirSync(dataDir), []);
  const mode = (statSync(dataDir).mode & 0o7777).toString(8).padStart(4, "0");
  assert.ok(rightsText(join(dataDir, "none", "ledger.db")).endsWith(` ${mode}`));
});

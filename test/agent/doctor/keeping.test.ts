import assert from "node:assert/strict";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { recorderCase } from "../../support/doctor/patient.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";

/** Nobody listens there (RFC 1700: port 1, tcpmux). */
const NOBODY = "mqtt://127.0.0.1:1";

test("keys: missing, and readable by others", async (t) => {
  const { dataDir, status } = recorderCase(t);
  const key = join(dataDir, "keys", "device.key");
  assert.equal(await status("keys"), "ok");
  chmodSync(key, 0o644);
  assert.equal(await status("keys"), "fail");
  rmSync(key);
  assert.equal(await status("keys"), "fail");
});

test("secrets: a password that others may read", async (t) => {
  const file = join(temporaryDirectory(t), "password");
  writeFileSync(file, "secret\n", { mode: 0o600 });
  const { status } = recorderCase(
    t,
    `[sync]\nurl = "${NOBODY}"\nusername = "u"\npassword_file = ${JSON.stringify(file)}`,
  );
  assert.equal(await status("secrets"), "ok");
  chmodSync(file, 0o604);
  assert.equal(await status("secrets"), "fail");
});

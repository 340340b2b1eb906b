import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { caseOf, liveStatus, recorderCase } from "../../support/doctor/patient.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";

/** Nobody listens there (RFC 1700: port 1, tcpmux). */
const NOBODY = "mqtt://127.0.0.1:1";

test("network: nobody listens, no such name, and a receiver that is not asked", async (t) => {
  const { status } = recorderCase(t, `[sync]\nurl = "${NOBODY}"`);
  for (const id of ["tcp", "mqtt", "receiver", "acl"]) assert.equal(await status(id), "fail", id);
  assert.equal(await status("dns"), "ok");
  const unnamed = recorderCase(t, '[sync]\nurl = "mqtt://nowhere.invalid:1883"');
  assert.equal(await unnamed.status("dns"), "fail");
  for (const id of ["tcp", "tls", "receiver"]) assert.equal(await recorderCase(t).status(id), "skipped", id);
});

test("a receiver that is not linked is a risk", async (t) => {
  const file = join(temporaryDirectory(t), "receiver.toml");
  writeFileSync(
    file,
    `role = "receiver"\ndata_dir = "."\nreceiver = { name = "r" }\nsync = { url = "${NOBODY}" }`,
  );
  const { status } = caseOf(t, file);
  const receiver = { linked: true, queued_bytes: 0, devices: 0, online: 0, heard: [] };
  assert.equal(await status("mqtt", { live: liveStatus({ receiver }) }), "ok");
  assert.equal(
    await status("mqtt", { live: liveStatus({ receiver: { ...receiver, linked: false } }) }),
    "fail",
  );
});

import assert from "node:assert/strict";
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { archiveSuperseded, forgetSuperseded, markSuperseded } from "../../../crypto/ledger/archive.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { recordInto, TestDevice } from "../../support/evidence.ts";

function superseded(device: TestDevice) {
  const evidence = device.start();
  const rec = recordInto(evidence, device.clock, 2);
  evidence.close("rolled-back");
  evidence.end();
  const reader = LedgerReader.open(device.dataDir);
  const follows = { dev: reader.dev, size: reader.size(), root: reader.root(reader.size()).toString("hex") };
  reader.close();
  markSuperseded(device.dataDir, follows);
  return { rec, follows };
}

test("a superseded ledger moves aside whole, and the next one follows it under a new key", (t) => {
  const device = new TestDevice(t);
  const { rec, follows } = superseded(device);
  assert.deepEqual(archiveSuperseded(device.dataDir), follows);
  const next = device.start();
  assert.notEqual(next.appender.deviceKey.publicKey.deviceId, follows.dev);
  forgetSuperseded(device.dataDir);
  assert.equal(archiveSuperseded(device.dataDir), null);
  const archived = LedgerReader.open(join(device.dataDir, "archive", follows.dev));
  assert.equal(archived.recordings.all()[0]?.rec, rec);
  assert.ok(existsSync(join(device.dataDir, "archive", follows.dev, "keys", "device.key")));
});

test("a power cut in the middle of the move is finished by the next start", (t) => {
  const device = new TestDevice(t);
  const { follows } = superseded(device);
  archiveSuperseded(device.dataDir);
  const archive = join(device.dataDir, "archive", follows.dev);
  // as if the power had gone after the database but before media and key
  for (const late of ["media", "keys/device.key"])
    renameSync(join(archive, late), join(device.dataDir, late));
  assert.deepEqual(archiveSuperseded(device.dataDir), follows);
  assert.ok(existsSync(join(archive, "media")) && existsSync(join(archive, "keys", "device.key")));
  assert.equal(archiveSuperseded(device.dataDir)?.dev, follows.dev);
});

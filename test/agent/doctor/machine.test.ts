import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { recorderCase } from "../../support/doctor/patient.ts";

test("disk: what is below the limits of the configuration", async (t) => {
  assert.equal(await recorderCase(t).status("disk-space"), "ok");
  const huge = 2 ** 50;
  const full = `disk = { reserve_bytes = ${huge}, stop_bytes = ${huge} }`;
  assert.equal(await recorderCase(t, full).status("disk-space"), "fail");
  const nearly = `disk = { reserve_bytes = ${huge} }`;
  assert.equal(await recorderCase(t, nearly).status("disk-space"), "warn");
});

test("disk speed: measured in the data directory, and nothing stays there", async (t) => {
  const { dataDir, status } = recorderCase(t);
  const before = readdirSync(dataDir);
  assert.notEqual(await status("disk-speed"), "fail");
  assert.deepEqual(readdirSync(dataDir), before);
});

test("clock: behind the ledger's last entry", async (t) => {
  const { dataDir, status } = recorderCase(t);
  const reader = LedgerReader.open(dataDir);
  const { utc_ms: lastMs } = reader.body(reader.size() - 1).t as { utc_ms: number };
  reader.close();
  assert.equal(await status("clock"), lastMs > Date.now() ? "fail" : "ok");
  t.mock.timers.enable({ apis: ["Date"], now: lastMs - 60_000 });
  assert.equal(await status("clock"), "fail");
  t.mock.timers.setTime(lastMs + 60_000);
  assert.equal(await status("clock"), "ok");
});

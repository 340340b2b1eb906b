import assert from "node:assert/strict";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { JsonObject } from "../../../crypto/bytes/canonical.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { caseOf, recorderCase } from "../../support/doctor/patient.ts";
import { writeEvidence } from "../../support/ledger/evidence.ts";
import { recording } from "../../support/ledger/scenes.ts";
import { recorderConfig } from "../../support/recorder-config.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";

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

test("clock source: who vouched for the clock at the last entry", async (t) => {
  assert.match(await recorderCase(t).seen("clock-source"), /"source":"rtc"/);
  const dataDir = temporaryDirectory(t);
  const unvouched = (body: JsonObject) => {
    const { unc_ms: _, ...time } = body["t"] as JsonObject;
    body["t"] = { ...time, src: "none" };
  };
  writeEvidence(dataDir, recording(2, { body: unvouched }));
  assert.equal(await caseOf(t, recorderConfig(t, dataDir)).status("clock-source"), "warn");
  assert.equal(await caseOf(t, recorderConfig(t, temporaryDirectory(t))).status("clock-source"), "skipped");
});

test("disk wear: what the card itself tells, in tenths of its life", async (t) => {
  const { dataDir, machine, status, seen } = recorderCase(t);
  assert.equal(await status("disk-wear"), "skipped");
  const dev = statSync(dataDir).dev;
  const device = join(
    machine.blocks,
    `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & ~0xff)}`,
    "device",
  );
  mkdirSync(device, { recursive: true });
  const tell = (text: string) => writeFileSync(join(device, "life_time"), `${text}\n`);
  tell("0x01 0x03");
  assert.match(await seen("disk-wear"), /"percent":30/);
  tell("0x09 0x01");
  assert.equal(await status("disk-wear"), "warn");
  tell("0x0b 0x01");
  assert.equal(await status("disk-wear"), "fail");
});

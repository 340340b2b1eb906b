import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { MediaStore } from "../../../crypto/media/store.ts";
import { liveStatus, recorderCase } from "../../support/doctor/patient.ts";

function alter(dataDir: string, sql: string): void {
  const db = new Database(join(dataDir, "ledger.db"));
  db.exec(`DROP TRIGGER entries_never_change; ${sql}`);
  db.close();
}

test("ledger: an entry that does not follow the one before, and an edit that only reading everything shows", async (t) => {
  const { dataDir, status } = recorderCase(t);
  assert.equal(await status("ledger"), "ok");
  assert.equal(await status("ledger-full"), "ok");
  alter(dataDir, "UPDATE entries SET sigs = replace(sigs, 'a', 'b') WHERE seq = 3");
  assert.equal(await status("ledger"), "ok", "the quick look reads no signature");
  assert.equal(await status("ledger-full"), "fail");
  const db = new Database(join(dataDir, "ledger.db"));
  db.exec("UPDATE entries SET leaf = zeroblob(32) WHERE seq = 3");
  db.close();
  assert.equal(await status("ledger"), "fail");
});

test("media: a file that is gone, and one that is cut short", async (t) => {
  const { dataDir, status, seen } = recorderCase(t);
  assert.equal(await status("media"), "ok");
  const reader = LedgerReader.open(dataDir);
  const [first] = reader.media.within(0, reader.size(), "newest", 1);
  reader.close();
  const path = new MediaStore(dataDir).path(first?.digest ?? "");
  writeFileSync(path, "x");
  assert.equal(await status("media"), "fail");
  rmSync(path);
  assert.match(await seen("media"), /"missing":1/);
});

const SYNC = {
  connected: true,
  receiver: "r",
  backlog_entries: 0,
  backlog_bytes: 0,
  oldest_ms: 0,
  connections: 1,
  sent_bytes: 0,
  resent_bytes: 0,
  policy: { network: "any", media: "all" as const },
};

test("backlog: of a running agent it is media too, and an old one is told", async (t) => {
  const { status } = recorderCase(t);
  const backlog = (more: object) => status("backlog", { live: liveStatus({ sync: { ...SYNC, ...more } }) });
  assert.equal(await backlog({}), "ok");
  assert.equal(await backlog({ backlog_bytes: 5e8, oldest_ms: 60_000 }), "ok");
  assert.equal(await backlog({ backlog_bytes: 5e11, oldest_ms: 9 * 86_400_000 }), "warn");
});

test("agent and alarms: none runs, one is silent, one calls for help", async (t) => {
  const { status, seen } = recorderCase(t);
  assert.equal(await status("agent"), "warn");
  assert.equal(await status("agent", { silence: "control-timeout" }), "fail");
  assert.equal(await status("agent", { live: liveStatus() }), "ok");
  assert.equal(await status("alarms"), "skipped");
  assert.equal(await status("alarms", { live: liveStatus() }), "ok");
  const alarms = [{ code: "camera-lost", detail: "", since_ms: 0 }];
  assert.equal(await status("alarms", { live: liveStatus({ alarms }) }), "fail");
  assert.match(await seen("alarms", { live: liveStatus({ alarms }) }), /camera-lost/);
});

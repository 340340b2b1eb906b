import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { systemRandom } from "../../../config/base/random.ts";
import { createKeyFile } from "../../../crypto/keys/key-file.ts";
import { formatVkey, PLAIN_NOTE, verifierKey } from "../../../crypto/keys/vkey.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { visitLedger } from "../../../crypto/ledger/visit.ts";
import { MediaStore } from "../../../crypto/media/store.ts";
import { caseOf, liveStatus, recorderCase } from "../../support/doctor/patient.ts";
import { mediaPath, writeEvidence } from "../../support/ledger/evidence.ts";
import { CUSTODY, DEVICE, type LedgerMaker, START_UTC_MS } from "../../support/ledger/ledger-maker.ts";
import { OTHER_REC, record, scene } from "../../support/ledger/scenes.ts";
import { recorderConfig } from "../../support/recorder-config.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";

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

test("ledger: a body that was changed where it lies", async (t) => {
  const { dataDir, status } = recorderCase(t);
  alter(
    dataDir,
    "UPDATE entries SET body = CAST(replace(CAST(body AS TEXT), '000123', '000124') AS BLOB) WHERE seq = 0",
  );
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

test("without an agent, receipts tell what somebody else has: backlog, and the last one", async (t) => {
  const look = (play: (maker: LedgerMaker) => void) => {
    const dataDir = temporaryDirectory(t);
    writeEvidence(dataDir, scene(play));
    const custody = JSON.stringify([formatVkey(verifierKey(CUSTODY.name, PLAIN_NOTE, CUSTODY.publicKey))]);
    return caseOf(
      t,
      recorderConfig(t, dataDir, { more: `[sync]\nurl = "mqtt://127.0.0.1:1"\ncustody = ${custody}` }),
    );
  };
  t.mock.timers.enable({ apis: ["Date"], now: START_UTC_MS + 90_000 });
  const whole = look((maker) => {
    record(maker, 4);
    maker.receipt([[0, maker.size]]);
  });
  assert.match(await whole.seen("receipt"), /"age":"1:\d\d/);
  assert.match(await whole.seen("backlog"), /"bytes":"0 B"/);
  const half = look((maker) => {
    record(maker, 4);
    maker.receipt([[0, maker.size]]);
    record(maker, 4, OTHER_REC);
  });
  assert.doesNotMatch(await half.seen("backlog"), /"bytes":"0 B"/);
  const none = look((maker) => record(maker, 4));
  assert.deepEqual([await none.status("receipt"), await none.status("backlog")], ["warn", "ok"]);
  t.mock.timers.setTime(START_UTC_MS + 9 * 86_400_000);
  assert.deepEqual([await none.status("receipt"), await none.status("backlog")], ["fail", "warn"]);
  assert.equal(await half.status("receipt"), "warn", "more was recorded, and nobody signed for it");
});

test("a receiver's replicas: chains, and the files that it gave receipts for", async (t) => {
  const dataDir = temporaryDirectory(t);
  const file = join(dataDir, "receiver.toml");
  writeFileSync(
    file,
    `role = "receiver"\ndata_dir = "."\nreceiver = { name = "r" }\nsync = { url = "mqtt://x:1" }`,
  );
  const { status, seen } = caseOf(t, file);
  assert.equal(await status("ledger"), "warn", "nothing came yet");
  for (const key of ["witness", "custody"])
    createKeyFile(join(dataDir, "keys", `${key}.key`), systemRandom).destroy();
  const replica = join(dataDir, "devices", DEVICE.publicKey.deviceId);
  mkdirSync(replica, { recursive: true });
  const evidence = scene((maker) => {
    record(maker, 4);
    maker.receipt([[0, maker.size]]);
    record(maker, 4, OTHER_REC);
  });
  writeEvidence(replica, evidence);
  assert.match(await seen("ledger"), /"count":1/);
  assert.deepEqual([await status("media"), await status("ledger-full")], ["ok", "ok"]);
  const rows = await visitLedger(replica, (reader) => reader.media.within(0, reader.size(), "oldest", 100));
  rmSync(mediaPath(replica, rows.at(-1)?.digest ?? ""));
  assert.equal(await status("media"), "ok", "that one may be on its way");
  assert.equal(await status("ledger-full"), "warn");
  rmSync(mediaPath(replica, rows[0]?.digest ?? ""));
  assert.equal(await status("media"), "fail");
});

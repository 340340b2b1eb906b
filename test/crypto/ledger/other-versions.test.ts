import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import Database from "better-sqlite3";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { recordInto, TestDevice } from "../../support/evidence.ts";

/** What a later version of the program may have made of the derived tables: others, more, and with other columns. */
function changedByLaterProgram(dataDir: string): void {
  const db = new Database(join(dataDir, "ledger.db"));
  db.exec(`
    BEGIN;
    DROP TABLE recordings;
    CREATE TABLE recordings (rec TEXT PRIMARY KEY, mood TEXT NOT NULL) STRICT;
    INSERT INTO recordings VALUES ('x', 'cheerful');
    CREATE TABLE faces (seq INTEGER PRIMARY KEY, rec TEXT NOT NULL) STRICT;
    CREATE INDEX faces_by_rec ON faces (rec);
    DELETE FROM days;
    PRAGMA user_version = 4000;
    COMMIT;`);
  db.close();
}

function everything(t: TestContext, dataDir: string) {
  const reader = LedgerReader.open(dataDir);
  t.after(() => reader.close());
  const size = reader.size();
  return {
    leaves: reader.entries(0, size, 2 ** 30).map(({ leaf }) => leaf.toString("hex")),
    recordings: reader.recordings.all().map(({ rec }) => rec),
    root: reader.root(size).toString("hex"),
  };
}

test("a unit that fell back goes on with the ledger that a later version has kept", (t) => {
  const device = new TestDevice(t);
  const evidence = device.start();
  const first = recordInto(evidence, device.clock, 4);
  evidence.end();
  const before = everything(t, device.dataDir);
  changedByLaterProgram(device.dataDir);
  const back = device.start();
  const second = recordInto(back, device.clock, 4);
  back.end();
  const after = everything(t, device.dataDir);
  assert.deepEqual(after.leaves.slice(0, before.leaves.length), before.leaves);
  assert.deepEqual(after.recordings, [first, second]);
});

test("going forward and back gives the same as staying", (t) => {
  const device = new TestDevice(t);
  const evidence = device.start();
  recordInto(evidence, device.clock, 4);
  evidence.end();
  device.start().end();
  const stayed = everything(t, device.dataDir);
  changedByLaterProgram(device.dataDir);
  device.start().end();
  const wentAndCame = everything(t, device.dataDir);
  assert.deepEqual(wentAndCame.recordings, stayed.recordings);
  assert.deepEqual(wentAndCame.leaves.slice(0, stayed.leaves.length), stayed.leaves);
});

import assert from "node:assert/strict";
import { chmodSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { verifyDirectory } from "../../../../crypto/ledger/verify/verify-directory.ts";
import { parseTrust } from "../../../../crypto/proof/trust.ts";
import { writeEvidence } from "../../../support/ledger/evidence.ts";
import { trustFile } from "../../../support/ledger/ledger-maker.ts";
import { recording } from "../../../support/ledger/scenes.ts";
import { tamper, truncate, verify } from "../../../support/ledger/tampering.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";
import { expectVerdict } from "./expect.ts";

/** The file itself: what is no ledger, what is damaged, and what a verifier leaves behind. */

const evidence = recording(10);
const trust = parseTrust(trustFile(), "trust.toml");

const ledgerIn = (dataDir: string) => join(dataDir, "ledger.db");
const inDatabase = (sql: string) => (dataDir: string) => {
  const db = new Database(ledgerIn(dataDir));
  db.exec(sql);
  db.close();
};

const upsets: [name: string, code: string, upset: (dataDir: string) => void][] = [
  ["no ledger", "ledger-missing", (dataDir) => rmSync(ledgerIn(dataDir))],
  [
    "a file that is no database",
    "not-a-ledger",
    (dataDir) => writeFileSync(ledgerIn(dataDir), "x".repeat(8192)),
  ],
  ["an empty file", "not-a-ledger", (dataDir) => writeFileSync(ledgerIn(dataDir), "")],
  ["a database without receipts", "not-a-ledger", inDatabase("DROP TABLE receipts")],
  [
    "a database with other columns",
    "not-a-ledger",
    inDatabase("ALTER TABLE checkpoints RENAME note TO notes"),
  ],
  [
    "a view in the place of a table",
    "not-a-ledger",
    inDatabase("ALTER TABLE entries RENAME TO real; CREATE VIEW entries AS SELECT * FROM real"),
  ],
  ["no entries", "ledger-empty", inDatabase("DELETE FROM entries")],
  ["a database cut in half", "database-damaged", (dataDir) => truncateSync(ledgerIn(dataDir), 8192)],
];
for (const [name, code, upset] of upsets) {
  test(`unreadable: ${name}`, () => expectVerdict(verify(evidence, { upset }), "unreadable", code));
}

const strays: [name: string, code: string, sql: string][] = [
  [
    "a negative seq",
    "entry-order",
    "INSERT INTO entries SELECT -1, leaf, body, sigs FROM entries WHERE seq = 2",
  ],
  [
    "a seq beyond all counting",
    "entry-order",
    "INSERT INTO entries SELECT 9223372036854775807, leaf, body, sigs FROM entries WHERE seq = 2",
  ],
  ["a checkpoint of negative size", "bad-checkpoint", "INSERT INTO checkpoints VALUES (-1, 'note')"],
  [
    "a receipt in a row of its own",
    "bad-receipt",
    "INSERT INTO receipts (rowid, digest, envelope) VALUES (-7, x'00', '')",
  ],
];
for (const [name, code, sql] of strays) {
  test(`a row with ${name}`, () =>
    expectVerdict(verify(evidence, { upset: inDatabase(sql) }), "altered", code));
}

test("a thousand rows that differ only beyond 2^53 come to an end", () => {
  const sql = `INSERT INTO checkpoints SELECT 4611686018427387904 + value, 'note'
    FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT 1000) SELECT value FROM n)`;
  return expectVerdict(verify(evidence, { upset: inDatabase(sql) }), "altered", "bad-checkpoint");
});

test("rows of any length and content are read to the end", async () => {
  const upset = inDatabase(
    "INSERT INTO entries VALUES (900, zeroblob(0), zeroblob(3000000), printf('%.5000c', 'x'))",
  );
  const report = await verify(evidence, { upset });
  await expectVerdict(report, "altered", "body-too-large", 900);
  await expectVerdict(report, "altered", "entries-missing");
});

test("derived tables are not looked at", () =>
  expectVerdict(
    verify(evidence, {
      upset: inDatabase("CREATE TABLE media (seq INTEGER); CREATE TABLE tree_nodes (position TEXT)"),
    }),
    "authentic",
  ));

test("bytes that are not UTF-8 come out of the file as they are", async () => {
  const broken = tamper(evidence, ({ entries }) => {
    for (const row of entries.slice(5, 8)) row.body = Buffer.from([0xff, 0x00, 0xc3, 0x28, ...row.body]);
  });
  const report = await verify(broken);
  assert.deepEqual(
    report.problems.filter(({ code }) => code === "not-canonical").map(({ seq }) => seq),
    [5, 6, 7],
  );
});

test("verifies from a read-only directory and leaves nothing there or elsewhere", async (t) => {
  const dataDir = temporaryDirectory(t);
  const temporaryRoot = temporaryDirectory(t);
  writeEvidence(dataDir, evidence);
  // a log that was not moved into the database yet, as in the directory of a running agent
  const writer = new Database(ledgerIn(dataDir));
  t.after(() => writer.close());
  writer.exec("CREATE TABLE later (x)");
  assert.ok(readFileSync(`${ledgerIn(dataDir)}-wal`).length > 0);
  const before = readdirSync(dataDir);
  chmodSync(dataDir, 0o555);
  const report = await verifyDirectory({ dataDir, trust, temporaryRoot });
  chmodSync(dataDir, 0o755);
  await expectVerdict(report, "authentic");
  assert.deepEqual(readdirSync(dataDir), before);
  assert.deepEqual(readdirSync(temporaryRoot), []);
});

test("gives up when the caller does, and leaves nothing", async (t) => {
  const dataDir = temporaryDirectory(t);
  const temporaryRoot = temporaryDirectory(t);
  writeEvidence(dataDir, evidence);
  const gaveUp = verifyDirectory({
    dataDir,
    trust,
    temporaryRoot,
    workers: 2,
    signal: AbortSignal.abort(new Error("enough")),
  });
  await assert.rejects(gaveUp, /enough/);
  assert.deepEqual(readdirSync(temporaryRoot), []);
});

test("a thousand findings are listed and the others counted", async () => {
  const upset = inDatabase(
    "INSERT INTO entries SELECT value, zeroblob(32), 'x', '[]' FROM (WITH RECURSIVE n(value) AS (SELECT 100 UNION ALL SELECT value + 1 FROM n LIMIT 1500) SELECT value FROM n)",
  );
  const strict =
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'STRICT', '') WHERE name = 'entries'";
  const report = await verify(evidence, {
    upset: (dataDir) => {
      const db = new Database(ledgerIn(dataDir));
      db.unsafeMode();
      db.exec(strict);
      db.close();
      upset(dataDir);
    },
  });
  await expectVerdict(report, "altered", "not-canonical", 100);
  assert.equal(report.problems.length, 1000);
  assert.ok(report.notes.problems_left_out > 500);
});

test("the same findings by one thread and by two", async () => {
  const odd = tamper(evidence, ({ entries }) => {
    for (const row of entries) if (row.seq % 3 === 0) row.sigs = row.sigs.replace(/"sig":"./, '"sig":"f');
  });
  const [one, two] = await Promise.all([verify(odd, { workers: 1 }), verify(odd, { workers: 2 })]);
  assert.deepEqual(two, one);
  assert.ok(one.problems.length > 3);
});

test("control: an older copy is authentic, too, and does not know that it is older", async () => {
  const older = tamper(evidence, truncate(3), (copy) => {
    copy.checkpoints = [];
  });
  const report = await verify(older);
  await expectVerdict(report, "authentic-unwitnessed-tail");
  assert.equal(report.latest_unknown, true);
});

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { callAgent } from "../../../../agent/control/client.ts";
import { startOf } from "../../../../agent/records/activity/other-ledgers.ts";
import { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { visitLedger } from "../../../../crypto/ledger/visit.ts";
import { recordInto, TestDevice } from "../../../support/evidence.ts";
import { office, REC, recordOnce } from "./office.ts";

test("a recording of the same time is suggested, and linked only by a person's word", async (t) => {
  const { writer, json } = await office(t);
  const { activity } = await json("open", "--kind", "patrol", "--title", "t");
  await recordOnce(writer);
  const before = JSON.parse(JSON.stringify(await json("show", String(activity))));
  assert.deepEqual([before.recordings, before.overlaps.map(({ rec }: never) => rec)], [[], [REC]]);
  await json("link", String(activity), REC, "--overlap");
  const after = JSON.parse(JSON.stringify(await json("show", String(activity))));
  assert.deepEqual([after.recordings[0].basis, after.overlaps], ["overlap", []]);
  await json("unlink", String(activity), REC, "另一现场");
  const last = JSON.parse(JSON.stringify(await json("show", String(activity))));
  assert.deepEqual([last.recordings, last.unlinked[0].reason, last.overlaps], [[], "另一现场", []]);
});

test("a recording of another device's ledger is linked by its place there, and looked up where that ledger is", async (t) => {
  const { reader, run, json, dataDir } = await office(t);
  const recorder = new TestDevice(t);
  const evidence = recorder.start();
  const { clock } = recorder;
  const rec = recordInto(evidence, clock, 2);
  const other = LedgerReader.open(recorder.dataDir);
  t.after(() => other.close());
  const { dev } = other;
  const also = ["--also", recorder.dataDir];

  const { activity } = await json("open", "--kind", "k", "--title", "t", "--template", "on-site-inspection");
  const id = String(activity);
  const stage = ["--stage", "inspection", "--dev", dev];
  assert.match((await run("link", id, rec.slice(0, 8), ...stage)).stderr, /recording-unknown/);
  const { seq } = await json("link", id, rec.slice(0, 8), ...stage, ...also);
  const { ledger } = reader.body(Number(seq));
  const startSeq = other.recordings.startedAt(rec) ?? -1;
  assert.deepEqual(ledger, { dev, seq: startSeq, leaf: other.node(0, startSeq).toString("hex") });

  const lackOf = async (...args: string[]) => {
    const { stdout } = await run("check", id, "--json", ...args);
    const { findings } = JSON.parse(stdout) as { findings: { requirement: string; lack: string | null }[] };
    return findings.find(({ requirement }) => requirement === "whole")?.lack;
  };
  // the recorder filmed without sound
  assert.equal(await lackOf(...also), "no-sound");
  assert.equal(await lackOf(), "not-at-hand");
  assert.match((await run("close", id, "done")).stderr, /activity-incomplete: .*inspection\/whole/);
  assert.match((await run("show", id)).stdout, new RegExp(`${rec}, linked \\(in the ledger of ${dev}\\)`));

  // the place that a link names must be the recording's
  await json("unlink", id, rec, "falsch");
  const lie = { activity: id, rec, stage: "inspection", basis: "stated" as const };
  await callAgent(
    dataDir,
    "activity.link",
    { ...lie, ledger: { dev, seq: startSeq, leaf: "ab".repeat(32) } },
    { timeoutMs: 30_000 },
  );
  assert.equal(await lackOf(...also), "other-recording");
});

test("a stage never counts for a recording of another ledger than was meant, and only what is linked is unlinked", async (t) => {
  const { reader, writer, run, json, dataDir } = await office(t);
  const recorder = new TestDevice(t);
  const rec = recordInto(recorder.start(), recorder.clock, 2);
  await recordOnce(writer);
  const { activity } = await json("open", "--kind", "k", "--title", "t");
  const id = String(activity);
  const nobody = "00".repeat(16);
  const { dev } = await visitLedger(recorder.dataDir, (reader) => ({ dev: reader.dev }));
  const refused = async (what: RegExp, ...args: string[]) => {
    const size = reader.size();
    const { exit, stderr } = await run(...args);
    assert.deepEqual([exit, reader.size()], [1, size]);
    assert.match(stderr, what);
  };
  const linked = async () => JSON.parse(JSON.stringify((await json("show", id)).recordings));

  await refused(/recording-not-linked/, "unlink", id, REC, "why");
  await json("link", id, rec, "--stage", "a", "--dev", nobody);
  await refused(/linked-elsewhere: .* by entry \d+, of 00/, "link", id, rec, "--dev", dev, "--stage", "b");
  await json("unlink", id, rec.slice(0, 8), "wrong ledger");
  await refused(/recording-not-linked/, "unlink", id, rec, "again");

  // where a ledger was named to look in, nothing is linked that was not looked at
  const there = ["--dev", dev, "--also"];
  const lost = await run("link", id, rec, ...there, dataDir);
  assert.match(lost.stderr, /ledger-missing/);
  await json("link", id, rec, "--stage", "a", "--dev", dev);
  assert.deepEqual((await linked())[0].ledger, { dev });
  await json("link", id, rec, "--stage", "b", ...there, recorder.dataDir);
  const [{ ledger, stages }] = await linked();
  assert.deepEqual([ledger.seq > 0, stages], [true, ["a", "b"]]);
  const other = { activity: id, rec, basis: "stated" as const, ledger: { ...ledger, leaf: "ab".repeat(32) } };
  await assert.rejects(callAgent(dataDir, "activity.link", other, { timeoutMs: 30_000 }), {
    code: "linked-elsewhere",
  });

  await json("link", id, REC);
  await refused(/linked-elsewhere/, "link", id, REC, "--dev", dev);
});

test("a ledger at hand whose bodies were changed beside their hashes has another recording", async (t) => {
  const recorder = new TestDevice(t);
  const rec = recordInto(recorder.start(), recorder.clock, 2);
  const db = new Database(join(recorder.dataDir, "ledger.db"));
  t.after(() => db.close());
  const place = () => visitLedger(recorder.dataDir, (reader) => startOf(reader, rec));
  const before = await place();
  assert.ok(before !== null);
  for (const name of db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").pluck().all())
    db.exec(`DROP TRIGGER ${name}`);
  const { body } = db.prepare("SELECT body FROM entries WHERE seq = ?").get(before.seq) as { body: Buffer };
  const forged = body.toString().replace('"button"', '"nobody"');
  db.prepare("UPDATE entries SET body = ? WHERE seq = ?").run(Buffer.from(forged), before.seq);
  assert.notEqual((await place())?.leaf, before.leaf);
});

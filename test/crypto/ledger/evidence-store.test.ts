import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { sha256 } from "../../../crypto/bytes/digest.ts";
import { deviceVkey } from "../../../crypto/keys/vkey.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { MediaStore } from "../../../crypto/media/store.ts";
import { ChainChecker } from "../../../crypto/proof/chain-checker.ts";
import { openCheckpoint } from "../../../crypto/proof/note.ts";
import { recordInto, TestDevice } from "../../support/evidence.ts";

/** Types of all entries, having checked chain, signers and every signature. */
function checkedTypes(dataDir: string): string[] {
  const reader = LedgerReader.open(dataDir);
  try {
    const checker = new ChainChecker();
    return reader.entries(0, 10_000, Number.MAX_SAFE_INTEGER).map((row) => {
      const checked = checker.check(row);
      assert.deepEqual(checked.leaf, row.leaf);
      for (const { key, message, signature } of checked.signatures())
        assert.ok(key.verify(message, signature));
      checker.accept(checked);
      return checked.body.type as string;
    });
  } finally {
    reader.close();
  }
}

test("a ledger begins with genesis and its first epoch, and ends with its close under a checkpoint", (t) => {
  const device = new TestDevice(t);
  const evidence = device.start();
  recordInto(evidence, device.clock, 4);
  const { size, note } = evidence.close("shutdown");
  assert.deepEqual(checkedTypes(device.dataDir), [
    "ledger.genesis",
    "ledger.epoch",
    "recording.start",
    "recording.chunk",
    "recording.chunk",
    "recording.chunk",
    "recording.stop",
    "ledger.epoch",
    "ledger.close",
  ]);
  const reader = LedgerReader.open(device.dataDir);
  assert.equal(size, 9);
  assert.deepEqual(openCheckpoint(note, deviceVkey(reader.deviceKey)).root, reader.root(9));
  assert.throws(() => evidence.append({ type: "device.heartbeat", free_bytes: 1, recording: false }), {
    code: "ledger-closed",
  });
});

test("an orderly restart is clean, a kill is not, and both begin a new boot with a fresh key", (t) => {
  const device = new TestDevice(t);
  device.start().close("shutdown");
  const second = device.start();
  second.append({ type: "device.heartbeat", free_bytes: 1, recording: false });
  second.end();
  device.start().end();
  assert.deepEqual(checkedTypes(device.dataDir).slice(2), [
    "ledger.close",
    "ledger.epoch",
    "device.boot",
    "device.heartbeat",
    "ledger.epoch",
    "device.boot",
  ]);
  const reader = LedgerReader.open(device.dataDir);
  assert.equal(reader.body(4).clean, true);
  assert.equal(reader.body(7).clean, false);
});

test("a recording left open is closed by the next start, with the gap that it left", (t) => {
  const device = new TestDevice(t);
  const killed = device.start();
  const rec = recordInto(killed, device.clock, 6, false);
  killed.end();
  const evidence = device.start();
  const reader = LedgerReader.open(device.dataDir);
  const [row] = reader.recordings.all();
  assert.equal(row?.rec, rec);
  const stop = reader.body(row?.stopSeq as number);
  assert.deepEqual([stop.recovered, stop.chunks, stop.bytes], [true, 4, row?.bytes]);
  const gap = reader.body(evidence.size - 1);
  assert.deepEqual([gap.type, gap.after], ["device.gap", rec]);
  assert.deepEqual(reader.body((row?.stopSeq as number) - 1).open, [rec]);
  assert.deepEqual(reader.recordings.open(), []);
  checkedTypes(device.dataDir);
});

test("a chunk that was stored when the power went, but not yet entered, finds its place again", (t) => {
  const device = new TestDevice(t);
  const killed = device.start();
  const rec = recordInto(killed, device.clock, 2, false);
  // the moment between the rename and the commit: the file and its note are there, the entry is not
  const content = Buffer.from("the last two seconds");
  const digest = sha256(content).toString("hex");
  const media = new MediaStore(device.dataDir);
  media.put([content], {
    random: { bytes: (n) => Buffer.alloc(n, 1) },
    keepFreeBytes: 0,
    beforeNaming: (name) =>
      media.writeIntent(
        name,
        `{"bytes":${content.length},"digest":"${name}","from_us":2000000,"key":false,"longest_us":40000,"n":2,"rec":"${rec}","sealed":false,"to_us":4000000,"type":"recording.chunk"}`,
      ),
  });
  killed.end();
  device.start().end();
  const reader = LedgerReader.open(device.dataDir);
  const adopted = reader.media.naming(digest)[0];
  assert.deepEqual([adopted?.type, adopted?.rec], ["recording.chunk", rec]);
  assert.equal(reader.body(reader.recordings.all()[0]?.stopSeq as number).chunks, 3);
  assert.equal(media.readIntent(digest), null);
});

test("an orphan without a note is adopted by name; a file that belies its name is quarantined and said so", (t) => {
  const device = new TestDevice(t);
  device.start().end();
  const media = new MediaStore(device.dataDir);
  const { digest } = media.put([Buffer.from("found")], {
    random: { bytes: (n) => Buffer.alloc(n) },
    keepFreeBytes: 0,
  });
  const liar = media.put([Buffer.from("before")], {
    random: { bytes: (n) => Buffer.alloc(n) },
    keepFreeBytes: 0,
  });
  writeFileSync(media.path(liar.digest), "after");
  device.start().end();
  const reader = LedgerReader.open(device.dataDir);
  assert.deepEqual(
    reader.media.naming(digest).map(({ type }) => type),
    ["device.orphan"],
  );
  const boot = reader.body(3);
  assert.deepEqual(boot.quarantined, [liar.digest]);
  assert.equal(readFileSync(join(device.dataDir, "quarantine", liar.digest), "utf8"), "after");
  checkedTypes(device.dataDir);
});

test("a step of the wall clock is signed; slow drift is not", (t) => {
  const device = new TestDevice(t);
  const evidence = device.start();
  const beat = () => evidence.append({ type: "device.heartbeat", free_bytes: 1, recording: false });
  device.clock.advance(60_000);
  device.clock.stepWall(100);
  beat();
  device.clock.stepWall(-3_600_000);
  beat();
  assert.deepEqual(checkedTypes(device.dataDir).slice(2), [
    "device.heartbeat",
    "device.clock",
    "device.heartbeat",
  ]);
  const step = LedgerReader.open(device.dataDir).body(3);
  assert.deepEqual([step.step_ms, step.src], [-3_600_000, "rtc"]);
});

test("the epoch key is replaced at every stop and within ten minutes of recording", (t) => {
  const device = new TestDevice(t);
  const evidence = device.start();
  const rec = recordInto(evidence, device.clock, 2, false);
  for (let step = 0; step < 64; step++) {
    device.clock.advance(20_000);
    evidence.append({ type: "recording.marker", rec, at_us: 0, label: "still here" });
  }
  evidence.append({ type: "recording.stop", rec, chunks: 2, bytes: 1, reason: "button" });
  const reader = LedgerReader.open(device.dataDir);
  const epochs = reader.epochs().map(({ seq }) => reader.body(seq));
  assert.deepEqual(
    epochs.map(({ reason }) => reason),
    ["first", "timer", "timer", "recording"],
  );
  const times = epochs.map(({ t: time }) => (time as { mono_us: number }).mono_us);
  for (let i = 1; i < times.length; i++) assert.ok((times[i] as number) - (times[i - 1] as number) <= 600e6);
  checkedTypes(device.dataDir);
});

test("a checkpoint follows every stop, epoch and gap, and comes every ten seconds of writing", (t) => {
  const device = new TestDevice(t);
  const evidence = device.start();
  recordInto(evidence, device.clock, 60);
  const reader = LedgerReader.open(device.dataDir);
  const db = new Database(join(device.dataDir, "ledger.db"), { readonly: true });
  const sizes = db.prepare("SELECT size FROM checkpoints ORDER BY size").pluck().all() as number[];
  let lastUs = 0;
  for (const size of sizes) {
    const { mono_us } = reader.body(size - 1).t as { mono_us: number };
    assert.ok(mono_us - lastUs <= 12e6, `${mono_us - lastUs} µs without a checkpoint`);
    lastUs = mono_us;
  }
  assert.ok(sizes.includes(evidence.size));
  for (const size of sizes) {
    const note = openCheckpoint(reader.checkpoint(size)?.note as string, deviceVkey(reader.deviceKey));
    assert.deepEqual(note.root, reader.root(size));
  }
});

test("derived tables are rebuilt from the evidence when they are missing", (t) => {
  const device = new TestDevice(t);
  const evidence = device.start();
  const rec = recordInto(evidence, device.clock, 10);
  evidence.end();
  const before = LedgerReader.open(device.dataDir);
  const expected = {
    root: before.root(before.size()),
    rows: before.media.of(rec),
    totals: before.media.totals(),
  };
  const size = before.size();
  before.close();
  const db = new Database(join(device.dataDir, "ledger.db"));
  for (const table of ["tree_nodes", "epochs", "media", "recordings", "activities", "named_receipts"]) {
    db.exec(`DROP TABLE ${table}`);
  }
  db.close();
  device.start().end();
  const after = LedgerReader.open(device.dataDir);
  assert.deepEqual(
    { root: after.root(size), rows: after.media.of(rec), totals: after.media.totals() },
    expected,
  );
});

test("entries can be neither changed nor deleted through SQL", (t) => {
  const device = new TestDevice(t);
  device.start().end();
  const db = new Database(join(device.dataDir, "ledger.db"));
  assert.throws(() => db.exec("UPDATE entries SET sigs = '[]'"), /never changed/);
  assert.throws(() => db.exec("DELETE FROM entries"), /never deleted/);
});

test("media is refused with disk-full rather than use the space kept back, and leaves nothing behind", (t) => {
  const device = new TestDevice(t, { keepFreeBytes: Number.MAX_SAFE_INTEGER });
  const evidence = device.start();
  assert.throws(
    () => evidence.appendMedia({ type: "recording.photo", mime: "image/jpeg" }, [Buffer.from("x")]),
    {
      code: "disk-full",
    },
  );
  assert.equal(evidence.append({ type: "device.heartbeat", free_bytes: 0, recording: false }).seq, 2);
  assert.deepEqual([...new MediaStore(device.dataDir).files()], []);
});

test("the device key file is private, and another key cannot go on with the ledger", (t) => {
  const device = new TestDevice(t);
  device.start().end();
  const keyPath = join(device.dataDir, "keys", "device.key");
  assert.equal(statSync(keyPath).mode & 0o777, 0o600);
  rmSync(keyPath);
  assert.throws(() => device.start(), { code: "wrong-device-key" });
});

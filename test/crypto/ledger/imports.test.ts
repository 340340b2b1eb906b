import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import { sha256 } from "../../../crypto/bytes/digest.ts";
import type { ImportChunk, ImportSource } from "../../../crypto/entry/recording-types.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import type { EvidenceStore } from "../../../crypto/ledger/writer/evidence-store.ts";
import { intentText } from "../../../crypto/media/intent.ts";
import { MediaStore } from "../../../crypto/media/store.ts";
import { TestDevice } from "../../support/evidence.ts";
import { verdictOf } from "../../support/import/import-bench.ts";
import { seededRandom } from "../../support/surroundings.ts";

const SOURCE: ImportSource = { serial: "S-1", path: "a.mp4", bytes: 30, modified_ms: 7 };
const PARTS = ["0123456789", "abcdefghij", "ABCDEFGHIJ"];
const FILE_DIGEST = sha256(PARTS.join("")).toString("hex");

function begin(evidence: EvidenceStore, source: ImportSource = SOURCE): string {
  const rec = randomUUID();
  const claims = { origin: "import", trigger: "import", source } as const;
  evidence.append({ type: "recording.start", rec, ...claims, pre_event_ms: 0, tracks: [] });
  return rec;
}

/** Stores a chunk as an import thread does: the file is there, its entry is not. */
function store(dataDir: string, rec: string, n: number, fileDigest?: string): ImportChunk {
  const media = new MediaStore(dataDir);
  const content = Buffer.from(PARTS[n] as string);
  const digest = sha256(content).toString("hex");
  const sizes = { offset: n * 10, bytes: content.length, sealed: false };
  const body: ImportChunk = { type: "recording.chunk", rec, n, digest, ...sizes };
  media.put([content], {
    random: seededRandom(`${n}`),
    keepFreeBytes: 0,
    beforeNaming: () => media.writeIntent(digest, intentText(fileDigest ? { body, fileDigest } : { body })),
  });
  return body;
}

test("media that others have stored is entered, with what belongs to it, in one commit or not at all", (t) => {
  const device = new TestDevice(t);
  const evidence = device.start();
  const rec = begin(evidence);
  const chunks = [0, 1, 2].map((n) => store(device.dataDir, rec, n));
  const stop = {
    type: "recording.stop",
    rec,
    chunks: 3,
    bytes: 30,
    reason: "imported",
    file_digest: FILE_DIGEST,
  } as const;
  const { size } = evidence;
  const absent = { ...(chunks[0] as ImportChunk), digest: "00".repeat(32) };
  assert.throws(() => evidence.appendStored([absent, stop]), { code: "media-missing" });
  const longer = { ...(chunks[0] as ImportChunk), bytes: 11 };
  assert.throws(() => evidence.appendStored([longer, stop]), { code: "media-missing" });
  assert.equal(evidence.size, size);
  const seqs = evidence.appendStored([...chunks, stop]).map(({ seq }) => seq);
  assert.deepEqual(
    seqs,
    [0, 1, 2, 3].map((n) => size + n),
  );
  const media = new MediaStore(device.dataDir);
  assert.ok(chunks.every(({ digest }) => media.readIntent(digest) === null));
  assert.deepEqual(evidence.appendStored([]), []);
});

test("chunks that were stored before a crash find their places, and a file that was whole keeps its digest", async (t) => {
  const device = new TestDevice(t);
  const killed = device.start();
  const rec = begin(killed);
  store(device.dataDir, rec, 2, FILE_DIGEST);
  store(device.dataDir, rec, 1);
  killed.appendStored([store(device.dataDir, rec, 0)]);
  killed.end();
  device.start().end();
  const reader = LedgerReader.open(device.dataDir);
  t.after(() => reader.close());
  const row = reader.imports.whole(SOURCE);
  assert.deepEqual([row?.rec, row?.fileDigest], [rec, FILE_DIGEST]);
  const stop = reader.body(row?.stopSeq as number);
  assert.deepEqual([stop.chunks, stop.bytes, stop.recovered], [3, 30, true]);
  // an import has lost no time: what is missing lies on the card
  assert.equal(reader.size() - 1 - (row?.stopSeq as number), 1);
  assert.equal(await verdictOf(device.dataDir), "authentic-unwitnessed-tail");
});

test("a file that was not whole at a crash has no digest, and what does not fit is named all the same", async (t) => {
  const device = new TestDevice(t);
  const killed = device.start();
  const rec = begin(killed);
  const empty = begin(killed, { ...SOURCE, path: "empty", bytes: 0 });
  killed.appendStored([store(device.dataDir, rec, 0)]);
  const strayed = store(device.dataDir, rec, 2, FILE_DIGEST);
  killed.end();
  device.start().end();
  const reader = LedgerReader.open(device.dataDir);
  t.after(() => reader.close());
  assert.equal(reader.imports.whole(SOURCE), null);
  assert.equal(reader.imports.newest(SOURCE)?.rec, rec);
  assert.equal(reader.media.naming(strayed.digest)[0]?.type, "device.orphan");
  assert.equal(reader.imports.whole({ ...SOURCE, path: "empty", bytes: 0 })?.rec, empty);
  assert.equal(await verdictOf(device.dataDir), "authentic-unwitnessed-tail");
});

test("imports are found by every part of their claim", (t) => {
  const device = new TestDevice(t);
  const evidence = device.start();
  const { modified_ms: _, ...undated } = SOURCE;
  const first = begin(evidence);
  const second = begin(evidence, undated);
  for (const rec of [first, second]) {
    const sums = { chunks: 0, bytes: 0, reason: "imported", file_digest: FILE_DIGEST };
    evidence.append({ type: "recording.stop", rec, ...sums });
  }
  const reader = LedgerReader.open(device.dataDir);
  t.after(() => reader.close());
  assert.equal(reader.imports.whole(SOURCE)?.rec, first);
  assert.equal(reader.imports.whole(undated)?.rec, second);
  for (const other of [{ serial: "S-2" }, { path: "b.mp4" }, { bytes: 31 }, { modified_ms: 8 }]) {
    assert.equal(reader.imports.whole({ ...SOURCE, ...other }), null);
  }
  assert.deepEqual(
    [...reader.imports.from("S-1")].map(({ rec }) => rec),
    [first, second],
  );
  assert.deepEqual([...reader.imports.from("S-2")], []);
});

test("a ledger whose indexes are of an older version gets those of this one", (t) => {
  const device = new TestDevice(t);
  const evidence = device.start();
  const rec = begin(evidence);
  evidence.end();
  const db = new Database(join(device.dataDir, "ledger.db"));
  db.exec("DROP TABLE imports; PRAGMA user_version = 0");
  db.close();
  const old = LedgerReader.open(device.dataDir);
  assert.equal(old.recordings.all()[0]?.rec, rec);
  old.close();
  device.start().end();
  const reader = LedgerReader.open(device.dataDir);
  t.after(() => reader.close());
  assert.equal(reader.imports.newest(SOURCE)?.rec, rec);
  assert.equal(reader.recordings.all().length, 1);
});

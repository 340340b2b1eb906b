import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { errorCode } from "../../../config/base/errors.ts";
import { ImportBench, sha256sum, verdictOf } from "../../support/import/import-bench.ts";
import { SocketRecorder } from "../../support/import/socket-recorder.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";

test("two hundred times pulled out at random bytes, in changing bays: whole files, nothing stored twice", async (t) => {
  const bench = await ImportBench.open(t, { chunkBytes: 500 });
  let cuts = 0;
  for (let n = 0; cuts < 200; n++) {
    const recorder = await SocketRecorder.plugIn(t, randomBytes(2000 + n));
    let bay = 0;
    for (;;) {
      recorder.passes = cuts < 200 ? (randomBytes(2).readUInt16BE() % 150) + 1 : Number.POSITIVE_INFINITY;
      try {
        const file = await bench.importer.importFile(recorder.order(`bay ${bay++}`, { path: `${n}.mp4` }));
        assert.equal(file.fileDigest, sha256sum(recorder.content));
        assert.deepEqual(bench.content(file.rec), recorder.content);
        assert.equal(recorder.bytesRead, recorder.content.length);
        break;
      } catch (error) {
        assert.equal(errorCode(error), "recorder-gone");
        cuts++;
      }
    }
  }
  assert.equal(bench.importer.status().kept, 0);
  assert.equal(await verdictOf(bench.dataDir), "authentic-unwitnessed-tail");
});

test("what a recorder has begun can be abandoned: the stop says why, and a new import continues it", async (t) => {
  const bench = await ImportBench.open(t);
  const recorder = await SocketRecorder.plugIn(t, randomBytes(3500));
  recorder.passes = 2300;
  await assert.rejects(bench.importer.importFile(recorder.order("1")), { code: "recorder-gone" });
  assert.equal(bench.importer.status().kept, 1);
  await bench.importer.abandon("S-1", "undocked");
  assert.equal(bench.importer.status().kept, 0);
  const { claim } = recorder.order("1");
  const broken = bench.reader.imports.newest(claim);
  assert.ok(broken !== null && broken.stopSeq !== null);
  assert.equal(bench.reader.imports.whole(claim), null);
  const stop = bench.reader.body(broken.stopSeq);
  assert.deepEqual(
    [stop.reason, stop.chunks, stop.bytes, stop.file_digest],
    ["undocked", 3, 2300, undefined],
  );
  assert.deepEqual(bench.content(broken.rec), recorder.content.subarray(0, 2300));
  recorder.passes = Number.POSITIVE_INFINITY;
  const file = await bench.importer.importFile({ ...recorder.order("2"), continues: broken.rec });
  assert.equal(file.fileDigest, sha256sum(recorder.content));
  assert.equal(bench.reader.body(file.startSeq).continues, broken.rec);
  assert.deepEqual(
    [...bench.reader.imports.from("S-1")].map(({ rec, fileDigest }) => [rec, fileDigest !== null]),
    [
      [broken.rec, false],
      [file.rec, true],
    ],
  );
  assert.equal(await verdictOf(bench.dataDir), "authentic-unwitnessed-tail");
});

test("who waits for an abandoned file is answered with its stop", async (t) => {
  const bench = await ImportBench.open(t);
  const recorder = await SocketRecorder.plugIn(t, randomBytes(3500));
  const importing = bench.importer.importFile(recorder.order("1"), {
    onProgress: ({ doneBytes }) => {
      recorder.hangs = doneBytes >= 1000;
    },
  });
  while (!recorder.hangs) await new Promise(setImmediate);
  await bench.importer.abandon("S-1", "undocked");
  const file = await importing;
  assert.deepEqual([file.reason, file.fileDigest], ["undocked", null]);
  assert.equal(await verdictOf(bench.dataDir), "authentic-unwitnessed-tail");
});

test("an aborted import stops at once, even before a recorder that is silent, and goes on where it was", async (t) => {
  const bench = await ImportBench.open(t);
  const recorder = await SocketRecorder.plugIn(t, randomBytes(3500));
  const stop = new AbortController();
  const importing = bench.importer.importFile(recorder.order("1"), {
    signal: stop.signal,
    onProgress: ({ doneBytes }) => {
      recorder.hangs = doneBytes >= 1000;
      if (recorder.hangs) setImmediate(() => stop.abort(new Error("enough")));
    },
  });
  await assert.rejects(importing, { message: "enough" });
  recorder.hangs = false;
  const file = await bench.importer.importFile(recorder.order("1"));
  assert.equal(file.fileDigest, sha256sum(recorder.content));
  await assert.rejects(
    bench.importer.importFile(recorder.order("1", { path: "b" }), { signal: stop.signal }),
    {
      message: "enough",
    },
  );
});

test("an importer that closes leaves no recording open", async (t) => {
  const bench = await ImportBench.open(t);
  const recorder = await SocketRecorder.plugIn(t, randomBytes(3500));
  recorder.passes = 1234;
  await assert.rejects(bench.importer.importFile(recorder.order("1")), { code: "recorder-gone" });
  await bench.importer.close();
  assert.deepEqual(bench.reader.recordings.open(), []);
  const { stopSeq } = bench.reader.imports.newest(recorder.order("1").claim) ?? {};
  assert.equal(bench.reader.body(stopSeq as number).reason, "shutdown");
  await assert.rejects(bench.importer.importFile(recorder.order("1")), { code: "import-closed" });
  assert.equal(await verdictOf(bench.dataDir), "authentic-unwitnessed-tail");
});

test("a full disk keeps a file from going on; its recording can still be closed", async (t) => {
  const bench = await ImportBench.open(t, { keepFreeBytes: Number.MAX_SAFE_INTEGER });
  const recorder = await SocketRecorder.plugIn(t, randomBytes(3500));
  await assert.rejects(bench.importer.importFile(recorder.order("1")), { code: "disk-full" });
  await assert.rejects(bench.importer.importFile(recorder.order("1")), { code: "disk-full" });
  assert.equal(bench.importer.status().kept, 1);
  await bench.importer.abandon("S-1", "disk-full");
  assert.equal(bench.reader.recordings.all().length, 1);
  assert.equal(await verdictOf(bench.dataDir), "authentic-unwitnessed-tail");
});

test("what lies in a file's place and is none, or another, is not opened, and nothing is begun", async (t) => {
  const bench = await ImportBench.open(t);
  const secret = join(temporaryDirectory(t), "secret");
  writeFileSync(secret, "not on the card");
  const order = bench.file("DCIM/a.mp4", Buffer.from("video"));
  const place = join(bench.card, "DCIM/a.mp4");
  const size = bench.reader.size();
  rmSync(place);
  await assert.rejects(bench.importer.importFile(order), { code: "recorder-gone" });
  writeFileSync(join(bench.card, "DCIM/b.mp4"), "");
  await assert.rejects(bench.importer.importFile(order), { code: "file-gone" });
  symlinkSync(secret, place);
  await assert.rejects(bench.importer.importFile(order), { code: "file-gone" });
  rmSync(place);
  mkdirSync(place);
  await assert.rejects(bench.importer.importFile(order), { code: "file-gone" });
  rmSync(join(bench.card, "DCIM"), { recursive: true });
  const elsewhere = temporaryDirectory(t);
  writeFileSync(join(elsewhere, "a.mp4"), "not on the card");
  symlinkSync(elsewhere, join(bench.card, "DCIM"));
  await assert.rejects(bench.importer.importFile(order), { code: "file-gone" });
  assert.equal(bench.reader.size(), size);
  assert.equal(bench.importer.status().active, 0);
});

test("a file that was begun and is another one when its recorder is back gets its stop", async (t) => {
  const bench = await ImportBench.open(t);
  const content = randomBytes(50_000);
  const order = bench.file("a.mp4", content);
  const stop = new AbortController();
  const onProgress = () => stop.abort(new Error("enough"));
  await assert.rejects(bench.importer.importFile(order, { signal: stop.signal, onProgress }), {
    message: "enough",
  });
  rmSync(join(bench.card, "a.mp4"));
  mkdirSync(join(bench.card, "a.mp4"));
  const file = await bench.importer.importFile(order);
  assert.deepEqual([file.reason, file.fileDigest], ["file-gone", null]);
  const saved = bench.content(file.rec);
  assert.ok(saved.length > 0 && saved.equals(content.subarray(0, saved.length)));
  assert.equal(await verdictOf(bench.dataDir), "authentic-unwitnessed-tail");
});

test("sizes that lie are told in the stop, and the file counts as not imported", async (t) => {
  const bench = await ImportBench.open(t);
  const content = randomBytes(2500);
  for (const [bytes, reason] of [
    [2000, "longer-than-claimed"],
    [0, "longer-than-claimed"],
    [4000, "shorter-than-claimed"],
  ] as const) {
    const order = bench.file(`${bytes}.mp4`, content, { bytes });
    const file = await bench.importer.importFile(order);
    assert.deepEqual([file.reason, file.fileDigest], [reason, null]);
    assert.deepEqual(bench.content(file.rec), content.subarray(0, bytes));
    assert.equal(bench.reader.imports.whole(order.claim), null);
  }
  assert.equal(await verdictOf(bench.dataDir), "authentic-unwitnessed-tail");
});

test("the digest of a file on the card is that of sha256sum; of another length it is another file", async (t) => {
  const bench = await ImportBench.open(t);
  for (const bytes of [0, 999, 1000, 1001, 5000]) {
    const content = randomBytes(bytes);
    const { source } = bench.file("a.mp4", content);
    assert.equal(await bench.importer.digestOf(source, bytes), sha256sum(content));
    await assert.rejects(bench.importer.digestOf(source, bytes + 1), { code: "file-gone" });
    if (bytes > 0) await assert.rejects(bench.importer.digestOf(source, bytes - 1), { code: "file-gone" });
  }
  const stopped = AbortSignal.abort(new Error("enough"));
  const { source } = bench.file("a.mp4", Buffer.alloc(10));
  await assert.rejects(bench.importer.digestOf(source, 10, stopped), { message: "enough" });
});

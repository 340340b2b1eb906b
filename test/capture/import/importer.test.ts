import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { ImportBench, sha256sum, verdictOf } from "../../support/import/import-bench.ts";

test("a file of a card is in the ledger bit for bit, with the digest that it has on the card", async (t) => {
  const bench = await ImportBench.open(t);
  const content = randomBytes(3500);
  const order = bench.file("DCIM/a.mp4", content, { modified_ms: 1_700_000_000_000 });
  const seen: number[] = [];
  const file = await bench.importer.importFile(
    { ...order, wearer: "031337", important: true },
    { onProgress: ({ doneBytes }) => seen.push(doneBytes) },
  );
  assert.equal(file.reason, "imported");
  assert.equal(file.fileDigest, sha256sum(content));
  assert.deepEqual([file.chunks, file.bytes], [4, 3500]);
  assert.deepEqual(bench.content(file.rec), content);
  const start = bench.reader.body(file.startSeq);
  assert.deepEqual(start.source, order.claim);
  assert.deepEqual([start.origin, start.trigger, start.wearer], ["import", "import", "031337"]);
  assert.deepEqual(bench.reader.body(file.startSeq + 1).label, "important");
  assert.equal(bench.stop(file.rec).file_digest, file.fileDigest);
  assert.equal(bench.reader.imports.whole(order.claim)?.stopSeq, file.stopSeq);
  assert.equal(seen.at(-1), 3500);
  assert.equal(await verdictOf(bench.dataDir), "authentic-unwitnessed-tail");
});

test("a file whose name is no UTF-8 is imported by the bytes of its name", async (t) => {
  const bench = await ImportBench.open(t);
  const name = Buffer.from([0x61, 0xff, 0x62]);
  const place = Buffer.concat([Buffer.from(`${bench.card}/`), name]);
  writeFileSync(place, "evidence");
  const claim = { serial: "S-1", path: "a%FFb", bytes: 8 };
  const path = place.toString("latin1");
  const { fileDigest } = await bench.importer.importFile({
    claim,
    source: { kind: "path", path, isLatin1: true },
  });
  assert.equal(fileDigest, sha256sum(Buffer.from("evidence")));
  const asText = bench.importer.importFile({
    claim: { ...claim, path: "other" },
    source: { kind: "path", path: place.toString() },
  });
  await assert.rejects(asText, { code: "file-gone" });
});

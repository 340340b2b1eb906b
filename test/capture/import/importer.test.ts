import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
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

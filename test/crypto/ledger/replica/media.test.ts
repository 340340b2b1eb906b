import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { sha256 } from "../../../../crypto/bytes/digest.ts";
import { LedgerMaker } from "../../../support/ledger/ledger-maker.ts";
import { recording } from "../../../support/ledger/scenes.ts";
import { ReplicaBench, sendEntries, sendMedia } from "../../../support/receiver/replica-bench.ts";
import { content } from "../../../support/sync/backlog.ts";

/** A ledger that names one photo of this content, `times` times. */
function photo(bytes: Buffer, times = 1) {
  const maker = new LedgerMaker();
  const { digest } = maker.media(bytes);
  for (let i = 0; i < times; i++)
    maker.add({ type: "recording.photo", mime: "image/jpeg", ...maker.media(bytes) });
  return { evidence: maker.evidence(), digest };
}

const partial = (bench: ReplicaBench) => readdirSync(join(bench.dataDir, "partial"));

test("all media of a ledger arrives, shared files once, and nothing unfinished is left", async (t) => {
  const evidence = recording(20);
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  sendEntries(replica, evidence);
  assert.equal(replica.missingCount, 11);
  await sendMedia(replica, evidence);
  assert.equal(replica.missingCount, 0);
  for (const [digest, bytes] of evidence.media) assert.deepEqual(bench.stored(digest), bytes);
  assert.deepEqual(partial(bench), []);
});

test("parts cut anyhow, shuffled and repeated, over restarts, give the same file", async (t) => {
  const bytes = content("shuffled", 5000);
  const { evidence, digest } = photo(bytes);
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      cuts,
      fc.infiniteStream(fc.nat()),
      fc.array(fc.nat(), { maxLength: 6 }),
      async (at, order, again) => {
        const bench = new ReplicaBench(t);
        let replica = bench.open();
        sendEntries(replica, evidence);
        const ends = [...at.sort((a, b) => a - b), bytes.length];
        const parts = ends.map((end, i) => ({ from: ends[i - 1] ?? 0, end, rank: order.next().value }));
        const repeated = again.map((i) => ({
          ...(parts[i % parts.length] ?? assert.fail()),
          rank: order.next().value,
        }));
        let complete: number[] = [];
        for (const { from, end, rank } of [...parts, ...repeated].sort((a, b) => a.rank - b.rank)) {
          complete.push(...replica.write(digest, from, bytes.subarray(from, end)));
          if (rank % 3 > 0) complete.push(...(await replica.settle()).complete);
          if (rank % 3 > 1) replica = bench.open();
        }
        complete = [...complete, ...(await replica.settle()).complete];
        assert.ok(complete.includes(2), "said to be complete");
        assert.deepEqual(bench.stored(digest), bytes);
        assert.deepEqual(partial(bench), []);
        const receipt = bench.opened(replica.issueReceipt() ?? assert.fail("no receipt"));
        assert.deepEqual(receipt.media.toJSON(), [[0, 3]]);
        assert.equal(replica.issueReceipt(), null);
      },
    ),
    { numRuns: 25, seed: 7 },
  );
});

test("a file held already is not written again", async (t) => {
  const bytes = content("held", 3000);
  const { evidence, digest } = photo(bytes, 2);
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  sendEntries(replica, evidence);
  await sendMedia(replica, evidence, 1000);
  const path = join(bench.dataDir, "media", digest.slice(0, 2), digest);
  const { ino, mtimeNs } = statSync(path, { bigint: true });
  assert.deepEqual(replica.write(digest, 0, Buffer.alloc(3000)), [2, 3]);
  await replica.settle();
  const after = statSync(path, { bigint: true });
  assert.deepEqual([after.ino, after.mtimeNs], [ino, mtimeNs]);
  assert.deepEqual(partial(bench), []);
});

test("an entry that names media held already is complete at once", async (t) => {
  const bytes = content("shared", 3000);
  const replica = new ReplicaBench(t).open();
  sendEntries(replica, photo(bytes).evidence);
  await sendMedia(replica, photo(bytes).evidence, 1000);
  const longer = photo(bytes, 3).evidence;
  assert.deepEqual(replica.append(3, longer.entries.slice(3)).complete, [3, 4]);
});

test("what no entry names is refused, and bytes past the announced length", async (t) => {
  const bytes = content("announced", 3000);
  const { evidence, digest } = photo(bytes);
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  assert.throws(() => replica.write(digest, 0, bytes), { code: "unannounced" }, "before its entry");
  sendEntries(replica, evidence);
  const unknown = sha256("nobody").toString("hex");
  assert.throws(() => replica.write(unknown, 0, bytes), { code: "unannounced" });
  assert.throws(() => replica.write(digest, 1, bytes), { code: "unannounced" });
  assert.throws(() => replica.write(digest, Number.MAX_SAFE_INTEGER, bytes), { code: "unannounced" });
  assert.deepEqual(partial(bench), []);
  // control: what is announced is taken
  replica.write(digest, 0, bytes);
  assert.deepEqual((await replica.settle()).complete, [2]);
});

test("a file with another digest is dropped, and the good one taken afterwards", async (t) => {
  const bytes = content("good", 3000);
  const { evidence, digest } = photo(bytes);
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  sendEntries(replica, evidence);
  const bad = Buffer.from(bytes);
  bad[1234] = (bad[1234] ?? 0) ^ 1;
  replica.write(digest, 0, bad);
  assert.deepEqual(await replica.settle(), { complete: [], damaged: [digest], failed: [] });
  assert.deepEqual(partial(bench), []);
  assert.equal(bench.stored(digest), null);
  assert.equal(replica.issueReceipt(), null);
  replica.write(digest, 0, bytes);
  assert.deepEqual((await replica.settle()).complete, [2]);
});

test("bytes sent again overwrite those that came before", async (t) => {
  const bytes = content("again", 3000);
  const { evidence, digest } = photo(bytes);
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  sendEntries(replica, evidence);
  replica.write(digest, 0, Buffer.alloc(1000));
  replica.write(digest, 1000, bytes.subarray(1000, 2000));
  await replica.settle();
  replica.write(digest, 0, bytes.subarray(0, 1000));
  replica.write(digest, 2000, bytes.subarray(2000));
  assert.deepEqual((await replica.settle()).complete, [2]);
  assert.deepEqual(bench.stored(digest), bytes);
});

test("an unfinished file goes on after a restart, unless its list is torn or nobody wants it", async (t) => {
  const bytes = content("unfinished", 3000);
  const { evidence, digest } = photo(bytes);
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  sendEntries(replica, evidence);
  replica.write(digest, 1000, bytes.subarray(1000, 2000));
  await replica.settle();
  assert.deepEqual(bench.open().heldOf(digest)?.toJSON(), [[1000, 2000]]);
  // a part that was never settled was never promised
  replica.write(digest, 2000, bytes.subarray(2000));
  assert.deepEqual(bench.open().heldOf(digest)?.toJSON(), [[1000, 2000]]);
});

test("gaps without number and files without end are kept out", async (t) => {
  const maker = new LedgerMaker();
  const files = Array.from({ length: 70 }, (_, i) => maker.media(content(`file ${i}`, 2000)));
  for (const file of files) maker.add({ type: "recording.photo", mime: "image/jpeg", ...file });
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  sendEntries(replica, maker.evidence());
  const [first, ...others] = files.map(({ digest }) => digest);
  assert.ok(first);
  const scatter = () => {
    for (let at = 0; at < 2000; at += 2) replica.write(first, at, Buffer.alloc(1));
  };
  assert.throws(scatter, { code: "too-many-gaps" });
  for (const digest of others) replica.write(digest, 0, Buffer.alloc(10));
  await replica.settle();
  assert.equal(replica.unfinished().length, 64);
  assert.equal(partial(bench).length, 128, "a file and its list each");
});

test("a full disk refuses parts and keeps what it had", async (t) => {
  const bytes = content("full", 3000);
  const { evidence, digest } = photo(bytes);
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  sendEntries(replica, evidence);
  replica.write(digest, 0, bytes.subarray(0, 1000));
  await replica.settle();
  const full = bench.open({ keepFreeBytes: Number.MAX_SAFE_INTEGER });
  assert.ok(full.isDiskFull);
  assert.throws(() => full.write(digest, 1000, bytes.subarray(1000)), { code: "disk-full" });
  assert.deepEqual(full.heldOf(digest)?.toJSON(), [[0, 1000]]);
});

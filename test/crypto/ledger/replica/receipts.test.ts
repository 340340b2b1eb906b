import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { LedgerMaker, STRANGER } from "../../../support/ledger/ledger-maker.ts";
import { recording } from "../../../support/ledger/scenes.ts";
import { ReplicaBench, sendEntries, sendMedia } from "../../../support/receiver/replica-bench.ts";

test("a receipt covers what is held and nothing else, at the size and root held", async (t) => {
  const evidence = recording(8);
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  sendEntries(replica, evidence);
  assert.equal(replica.issueReceipt(), null, "no media, no receipt");
  const files = [...evidence.media];
  await sendMedia(replica, { ...evidence, media: new Map(files.slice(0, 2)) });
  const receipt = bench.opened(replica.issueReceipt() ?? assert.fail("no receipt"));
  assert.equal(receipt.size, replica.size);
  assert.deepEqual(receipt.root, replica.root());
  assert.equal(receipt.storedMs, bench.clock.utcMs());
  // 4 and 5 are chunks 0 and 1; 6, 7 and 8 are missing
  assert.deepEqual(receipt.media.toJSON(), [
    [0, 6],
    [9, replica.size],
  ]);
});

test("receipts are ten seconds apart, also over a restart, and come only for new media", async (t) => {
  const evidence = recording(8);
  const bench = new ReplicaBench(t);
  let replica = bench.open();
  sendEntries(replica, evidence);
  const files = [...evidence.media];
  const hold = (from: number, to: number) =>
    sendMedia(replica, { ...evidence, media: new Map(files.slice(from, to)) });
  await hold(0, 1);
  assert.ok(replica.issueReceipt());
  await hold(1, 2);
  bench.clock.advance(9_999);
  assert.equal(replica.issueReceipt(), null, "too early");
  replica = bench.open();
  assert.equal(replica.issueReceipt(), null, "too early, and killed in between");
  bench.clock.advance(1);
  assert.ok(replica.issueReceipt());
  bench.clock.advance(60_000);
  assert.equal(replica.issueReceipt(), null, "nothing new");
  await hold(2, 5);
  assert.ok(replica.issueReceipt());
});

test("a wall clock set back delays no receipt for longer than the interval", async (t) => {
  const evidence = recording(8);
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  sendEntries(replica, evidence);
  await sendMedia(replica, { ...evidence, media: new Map([...evidence.media].slice(0, 1)) });
  assert.ok(replica.issueReceipt());
  bench.clock.stepWall(-86_400_000);
  const next = bench.open();
  await sendMedia(next, evidence);
  bench.clock.advance(10_000);
  assert.ok(next.issueReceipt());
});

test("asked again, the standing receipts come, and a lost receipt costs nothing", async (t) => {
  const evidence = recording(8);
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  sendEntries(replica, evidence);
  await sendMedia(replica, evidence);
  const receipt = replica.issueReceipt();
  assert.deepEqual(replica.receipts(), [receipt]);
  assert.deepEqual(bench.open().receipts(), [receipt]);
});

test("media that was named but not receipted when the receiver was killed is receipted after it", async (t) => {
  const evidence = recording(8);
  const bench = new ReplicaBench(t);
  const killed = bench.open();
  sendEntries(killed, evidence);
  await sendMedia(killed, evidence);
  const replica = bench.open();
  assert.equal(replica.missingCount, 0);
  const receipt = bench.opened(replica.issueReceipt() ?? assert.fail("no receipt"));
  assert.deepEqual(receipt.media.toJSON(), [[0, replica.size]]);
});

test("a file that somebody put there is looked at before it is receipted", (t) => {
  const evidence = recording(2);
  const bench = new ReplicaBench(t);
  sendEntries(bench.open(), evidence);
  const [good, bad] = [...evidence.media.keys()];
  assert.ok(good && bad);
  for (const digest of [good, bad]) {
    mkdirSync(join(bench.dataDir, "media", digest.slice(0, 2)), { recursive: true });
    const bytes = digest === good ? (evidence.media.get(digest) ?? "") : "something else";
    writeFileSync(join(bench.dataDir, "media", digest.slice(0, 2), digest), bytes);
  }
  const replica = bench.open();
  assert.deepEqual(replica.missing(10), [bad]);
  assert.deepEqual(readdirSync(join(bench.dataDir, "quarantine")), [bad]);
  const receipt = bench.opened(replica.issueReceipt() ?? assert.fail("no receipt"));
  assert.equal(receipt.media.has(5), false);
});

test("receipts by a custody key that was replaced are not relied on", async (t) => {
  const evidence = recording(8);
  const bench = new ReplicaBench(t);
  const before = bench.open();
  sendEntries(before, evidence);
  await sendMedia(before, evidence);
  assert.ok(before.issueReceipt());
  const replica = bench.open({ custody: { name: "new.example/custody", key: STRANGER.signer } });
  assert.deepEqual(replica.receipts(), []);
  assert.ok(replica.issueReceipt(), "all of it is receipted anew");
});

test("more holes than a receipt has ranges: several together cover all, over restarts too", async (t) => {
  const maker = new LedgerMaker();
  const files: Buffer[] = [];
  for (let i = 0; i < 2600; i++) {
    const file = Buffer.from(`photo ${i}`);
    files.push(file);
    maker.add({ type: "recording.photo", mime: "image/jpeg", ...maker.media(file) });
  }
  const evidence = maker.evidence();
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  sendEntries(replica, evidence);
  const everyOther = new Map([...evidence.media].filter((_, i) => i % 2 === 0));
  await sendMedia(replica, { ...evidence, media: everyOther }, 100);
  const envelopes: string[] = [];
  for (let i = 0; i < 2; i++) {
    envelopes.push(replica.issueReceipt() ?? assert.fail("no receipt"));
    bench.clock.advance(10_000);
  }
  assert.equal(replica.issueReceipt(), null);
  for (const opened of [replica, bench.open()]) assert.ok(isDeepStrictEqual(opened.receipts(), envelopes));
  const opened = envelopes.map((envelope) => bench.opened(envelope));
  assert.ok(opened.every(({ media }) => media.count <= 1024));
  for (let seq = 2; seq < 2602; seq++) {
    assert.equal(
      opened.some(({ media }) => media.has(seq)),
      seq % 2 === 0,
      `seq ${seq}`,
    );
  }
  // once the holes are filled, one is enough again
  await sendMedia(replica, evidence, 100);
  const last = replica.issueReceipt();
  assert.deepEqual(replica.receipts(), [last]);
});

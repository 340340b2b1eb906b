import assert from "node:assert/strict";
import { test } from "node:test";
import type { Replica } from "../../../../crypto/ledger/replica/replica.ts";
import { killedAtCall } from "../../../support/dying-disk.ts";
import type { Evidence } from "../../../support/ledger/evidence.ts";
import { recording } from "../../../support/ledger/scenes.ts";
import { ReplicaBench } from "../../../support/receiver/replica-bench.ts";

/** What a receiver had answered, hence owes. */
interface Promised {
  size: number;
  complete: Set<number>;
  parts: Map<string, [number, number][]>;
  receipts: string[];
}

/** Hands over entries and media and notes each answer, as the receiver would give it. */
async function handOver(open: () => Replica, evidence: Evidence, promised: Promised): Promise<void> {
  const replica = open();
  const half = Math.ceil(evidence.entries.length / 2);
  for (const from of [0, half]) {
    const { refusal } = replica.append(from, evidence.entries.slice(from, from + half));
    if (refusal !== null) throw refusal;
    promised.size = replica.size;
    for (const [digest, content] of evidence.media) await sendFile(replica, digest, content, promised);
    const receipt = replica.issueReceipt();
    if (receipt !== null) promised.receipts.push(receipt);
  }
}

async function sendFile(
  replica: Replica,
  digest: string,
  content: Buffer,
  promised: Promised,
): Promise<void> {
  const middle = content.length >> 1;
  for (const [from, to] of [
    [middle, content.length],
    [0, middle],
  ] as const) {
    if (replica.missing(1000).includes(digest)) replica.write(digest, from, content.subarray(from, to));
    const settled = await replica.settle();
    if (settled.failed.length > 0) throw settled.failed[0]?.error;
    for (const seq of settled.complete) promised.complete.add(seq);
    const held = replica.heldOf(digest);
    if (held === null) promised.parts.delete(digest);
    else promised.parts.set(digest, held.toJSON() as [number, number][]);
  }
}

test("killed at any system call, a receiver keeps what it promised, and finishes after a restart", async (t) => {
  const evidence = recording(4);
  for (let nth = 0; ; nth++) {
    const bench = new ReplicaBench(t);
    const promised: Promised = { size: 0, complete: new Set(), parts: new Map(), receipts: [] };
    const wasKilled = await killedAtCall(nth, () => handOver(() => bench.open(), evidence, promised));

    const replica = bench.open();
    const place = `killed at call ${nth}`;
    assert.ok(replica.size >= promised.size, `${place}: entries`);
    for (const seq of promised.complete) assert.ok(replica.held.has(seq), `${place}: media of seq ${seq}`);
    for (const [digest, ranges] of promised.parts) {
      const isWhole = !replica.missing(1000).includes(digest);
      const held = replica.heldOf(digest);
      assert.ok(
        isWhole || ranges.every(([from, to]) => held?.covers(from, to)),
        `${place}: parts of ${digest}`,
      );
    }
    for (const envelope of promised.receipts) {
      for (const [from, to] of bench.opened(envelope).media) {
        assert.ok(replica.held.covers(from, to), `${place}: receipted`);
      }
    }

    bench.clock.advance(10_000);
    await handOver(() => replica, evidence, promised);
    assert.equal(replica.missingCount, 0, `${place}: all media arrives`);
    for (const [digest, content] of evidence.media) assert.deepEqual(bench.stored(digest), content);
    const covered = promised.receipts.flatMap((envelope) => bench.opened(envelope).media.toJSON());
    for (let seq = 0; seq < replica.size; seq++) {
      const isCovered = covered.some(([from, to]) => from <= seq && seq < to);
      assert.ok(isCovered || replica.receiptDueUs() !== null, `${place}: seq ${seq} is receipted or owed`);
    }
    if (!wasKilled) {
      assert.ok(nth > 50, `only ${nth} calls were tried`);
      return;
    }
  }
});

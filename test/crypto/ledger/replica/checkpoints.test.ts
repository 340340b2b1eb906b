import assert from "node:assert/strict";
import { test } from "node:test";
import { COSIGNATURE, verifierKey } from "../../../../crypto/keys/vkey.ts";
import { cosign, parseNote, parseSignatureLine, verifyCosignature } from "../../../../crypto/proof/note.ts";
import {
  DEVICE,
  LedgerMaker,
  SECOND_WITNESS,
  STRANGER,
  WITNESS,
} from "../../../support/ledger/ledger-maker.ts";
import { heartbeat } from "../../../support/ledger/scenes.ts";
import { ReplicaBench, sendEntries } from "../../../support/receiver/replica-bench.ts";

const witnessVkey = verifierKey(WITNESS.name, COSIGNATURE, WITNESS.publicKey);
const secondVkey = verifierKey(SECOND_WITNESS.name, COSIGNATURE, SECOND_WITNESS.publicKey);

/** A ledger of heartbeats with a checkpoint after each, by size. */
function checkpointed(count: number) {
  const maker = new LedgerMaker();
  const notes = new Map<number, string>();
  for (let i = 0; i < count; i++) {
    heartbeat(maker);
    notes.set(maker.size, maker.checkpoint());
  }
  return {
    evidence: maker.evidence(),
    note: (size: number) => notes.get(size) ?? assert.fail(`no note of ${size}`),
  };
}

/** The lines that come back for a checkpoint that the replica holds. */
function linesOf(outcome: ReturnType<ReturnType<ReplicaBench["open"]>["offer"]>): string[] {
  return outcome.kind === "held" ? outcome.lines : assert.fail(outcome.kind);
}

test("a checkpoint of what is held is cosigned at the receiver's time, and stored", (t) => {
  const { evidence, note } = checkpointed(3);
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  sendEntries(replica, evidence);
  const [line, ...more] = linesOf(replica.offer(note(4)));
  assert.deepEqual(more, []);
  const { text } = parseNote(note(4));
  assert.equal(verifyCosignature(text, parseSignatureLine(line ?? ""), witnessVkey), bench.clock.utcMs());
  assert.equal(replica.newestCheckpoint(), `${note(4)}${line}\n`);
});

test("the same checkpoint brings the same line, however late, and after a restart", (t) => {
  const { evidence, note } = checkpointed(3);
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  sendEntries(replica, evidence);
  const lines = linesOf(replica.offer(note(5)));
  bench.clock.advance(60_000);
  assert.deepEqual(linesOf(replica.offer(note(5))), lines);
  assert.deepEqual(linesOf(bench.open().offer(note(5))), lines);
});

test("below the newest cosigned size only stored lines come back", (t) => {
  const { evidence, note } = checkpointed(4);
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  sendEntries(replica, evidence);
  const older = linesOf(replica.offer(note(3)));
  assert.equal(older.length, 1);
  linesOf(replica.offer(note(5)));
  assert.deepEqual(linesOf(replica.offer(note(4))), [], "never cosigned");
  assert.deepEqual(linesOf(replica.offer(note(3))), older, "cosigned before");
  assert.deepEqual(linesOf(bench.open().offer(note(4))), [], "after a restart");
  // control: a newer one is cosigned
  assert.equal(linesOf(replica.offer(note(6))).length, 1);
});

test("a checkpoint beyond what is held is left alone", (t) => {
  const { evidence, note } = checkpointed(3);
  const replica = new ReplicaBench(t).open();
  replica.append(0, evidence.entries.slice(0, 4));
  assert.deepEqual(replica.offer(note(5)), { kind: "beyond" });
  assert.equal(replica.newestCheckpoint(), null);
  assert.equal(replica.offer(note(4)).kind, "held");
});

test("lines of pinned witnesses are kept, others are dropped", (t) => {
  const { evidence, note } = checkpointed(2);
  const { dev, size, root } = parseNote(note(4));
  const line = (key: typeof WITNESS) => cosign({ dev, size, root }, 1_800_000_000, key.name, key.signer);
  const forged = line(SECOND_WITNESS).slice(0, -8).concat("AAAAAAA=");
  for (const [brought, kept] of [
    [line(SECOND_WITNESS), 2],
    [line(STRANGER), 1],
    [forged, 1],
  ] as const) {
    const replica = new ReplicaBench(t, { otherWitnesses: [secondVkey] }).open();
    sendEntries(replica, evidence);
    assert.equal(linesOf(replica.offer(`${note(4)}${brought}\n`)).length, kept);
  }
});

test("a line that a pinned witness gave later joins the stored ones", (t) => {
  const { evidence, note } = checkpointed(2);
  const { dev, size, root } = parseNote(note(4));
  const replica = new ReplicaBench(t, { otherWitnesses: [secondVkey] }).open();
  sendEntries(replica, evidence);
  const [own] = linesOf(replica.offer(note(4)));
  const later = cosign({ dev, size, root }, 1_800_000_000, SECOND_WITNESS.name, SECOND_WITNESS.signer);
  assert.deepEqual(linesOf(replica.offer(`${note(4)}${later}\n`)), [own, later]);
  assert.deepEqual(linesOf(replica.offer(note(4))), [own, later]);
});

test("what is no checkpoint of this device is a bad entry", (t) => {
  const { evidence, note } = checkpointed(2);
  const replica = new ReplicaBench(t).open();
  sendEntries(replica, evidence);
  const dev = DEVICE.publicKey.deviceId;
  for (const bad of [
    "",
    "hello",
    note(4).replace("\n4\n", "\n3\n"),
    note(4).replaceAll(dev, "0".repeat(32)),
  ]) {
    assert.throws(() => replica.offer(bad), { code: "bad-entry" });
  }
});

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { signCheckpoint } from "../../../../crypto/proof/note.ts";
import { DEVICE, LedgerMaker, STRANGER, WITNESS } from "../../../support/ledger/ledger-maker.ts";
import { heartbeat, record, recording } from "../../../support/ledger/scenes.ts";
import { edit, tamper } from "../../../support/ledger/tampering.ts";
import { ReplicaBench, sendEntries } from "../../../support/receiver/replica-bench.ts";

/** The same device, going another way after the first heartbeat. */
function otherHistory(play: (maker: LedgerMaker) => void = heartbeat) {
  const maker = new LedgerMaker();
  heartbeat(maker);
  play(maker);
  return maker.evidence();
}

function proofs(dataDir: string): string[] {
  const directory = join(dataDir, "forks");
  return existsSync(directory) ? readdirSync(directory) : [];
}

test("another entry of the same seq, signed by the device, is a fork, and both are kept", (t) => {
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  const held = recording(10);
  sendEntries(replica, held);
  const rival = otherHistory().entries[3];
  assert.ok(rival);
  for (let repeat = 0; repeat < 2; repeat++) assert.equal(replica.append(3, [rival]).refusal?.code, "fork");
  const [name, ...more] = proofs(bench.dataDir);
  assert.deepEqual(more, [], "one rival, one proof");
  const proof = readFileSync(join(bench.dataDir, "forks", name ?? ""), "utf8");
  const lines = [held.entries[3], rival].map((entry) => `{"body":${entry?.body},"sigs":${entry?.sigs}}\n`);
  assert.equal(proof, lines.join(""));
  assert.equal(replica.forkCount, 1);
});

test("an entry that follows another history is a fork at the entry before", (t) => {
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  const held = otherHistory();
  sendEntries(replica, held);
  const rival = otherHistory((maker) => {
    maker.add({ type: "activity.open", activity: "a", kind: "patrol", title: "夜巡", officers: [] });
    heartbeat(maker);
  });
  const next = rival.entries[4];
  assert.ok(next);
  assert.equal(replica.append(4, [next]).refusal?.code, "fork");
  assert.equal(replica.size, held.entries.length);
});

test("a boot that the replica does not know is a fork by the device's signature", (t) => {
  const replica = new ReplicaBench(t).open();
  sendEntries(replica, recording(10));
  const rival = otherHistory((maker) => maker.boot(false)).entries[3];
  assert.ok(rival);
  assert.equal(replica.append(3, [rival]).refusal?.code, "fork");
});

test("a rival that the device did not sign proves nothing", (t) => {
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  const held = recording(10);
  sendEntries(replica, held);
  const forged = [
    tamper(
      held,
      edit(5, (body) => Object.assign(body, { n: 9 })),
    ).entries[5],
    new LedgerMaker({ signers: (honest, seq) => (seq < 2 ? honest : [STRANGER]) }),
    new LedgerMaker({ signers: (honest, seq) => (seq < 2 ? honest : [...honest, STRANGER]) }),
    new LedgerMaker({ signers: (honest, seq) => (seq < 2 ? honest : []) }),
  ].map((made) => {
    if (!(made instanceof LedgerMaker)) return made;
    record(made, 2);
    return made.evidence().entries[5];
  });
  for (const entry of forged) {
    assert.ok(entry);
    assert.equal(replica.append(5, [entry]).refusal?.code, "bad-entry");
  }
  assert.deepEqual(proofs(bench.dataDir), []);
});

test("an epoch that only its own new key signs proves nothing", (t) => {
  const replica = new ReplicaBench(t).open();
  sendEntries(replica, recording(10));
  const maker = new LedgerMaker({ signers: (honest, seq) => (seq < 3 ? honest : honest.slice(-1)) });
  heartbeat(maker);
  maker.epoch("timer");
  const entry = maker.evidence().entries[3];
  assert.ok(entry);
  assert.equal(replica.append(3, [entry]).refusal?.code, "bad-entry");
});

test("a checkpoint that contradicts the replica is a fork only under the device's signature", (t) => {
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  sendEntries(replica, recording(10));
  const claim = { dev: DEVICE.publicKey.deviceId, size: 4, root: Buffer.alloc(32, 7) };
  assert.throws(() => replica.offer(signCheckpoint(claim, STRANGER.signer)), { code: "bad-entry" });
  assert.deepEqual(proofs(bench.dataDir), []);
  const note = signCheckpoint(claim, DEVICE.signer);
  assert.throws(() => replica.offer(note), { code: "fork" });
  const [name] = proofs(bench.dataDir);
  assert.equal(readFileSync(join(bench.dataDir, "forks", name ?? ""), "utf8"), note);
  // control: the honest one is cosigned
  const honest = otherHistory(() => {});
  const maker = new LedgerMaker();
  heartbeat(maker);
  assert.equal(honest.entries.length, maker.size);
  assert.equal(replica.offer(maker.checkpoint(WITNESS)).kind, "held");
});

test("proofs do not fill the disk", (t) => {
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  sendEntries(replica, recording(10));
  for (let i = 0; i < 80; i++) {
    const claim = { dev: DEVICE.publicKey.deviceId, size: 4, root: Buffer.alloc(32, i) };
    assert.throws(() => replica.offer(signCheckpoint(claim, DEVICE.signer)), { code: "fork" });
  }
  assert.equal(proofs(bench.dataDir).length, 64);
});

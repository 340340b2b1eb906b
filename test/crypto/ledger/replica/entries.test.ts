import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceVkey } from "../../../../crypto/keys/vkey.ts";
import { type DEVICE, LedgerMaker, STRANGER } from "../../../support/ledger/ledger-maker.ts";
import { heartbeat, recording, scene, startLive, stopLive } from "../../../support/ledger/scenes.ts";
import {
  drop,
  edit,
  editSigs,
  rehash,
  swap,
  type Tampering,
  tamper,
} from "../../../support/ledger/tampering.ts";
import { ReplicaBench, sendEntries } from "../../../support/receiver/replica-bench.ts";
import { backlog } from "../../../support/sync/backlog.ts";

test("a ledger is taken whole, and again, and in messages of any size", (t) => {
  const evidence = recording(20);
  for (const perMessage of [1, 3, 1000]) {
    const replica = new ReplicaBench(t).open();
    for (let repeat = 0; repeat < 2; repeat++) {
      for (let from = 0; from < evidence.entries.length; from += perMessage) {
        const { refusal } = replica.append(from, evidence.entries.slice(from, from + perMessage));
        assert.equal(refusal, null);
      }
    }
    assert.equal(replica.size, evidence.entries.length);
  }
});

test("the program's own writer makes ledgers that a replica takes, root for root", (t) => {
  const { reader } = backlog(t);
  const device = deviceVkey(reader.deviceKey);
  const replica = new ReplicaBench(t, { device }).open();
  const { added, refusal, problems } = replica.append(0, reader.entries(0, 1000, 1e9));
  assert.deepEqual({ added, refusal, problems }, { added: reader.size(), refusal: null, problems: [] });
  assert.deepEqual(replica.root(), reader.root(reader.size()));
});

test("entries beyond the end change nothing", (t) => {
  const replica = new ReplicaBench(t).open();
  assert.deepEqual(replica.append(5, recording(4).entries.slice(5)), {
    added: 0,
    problems: [],
    refusal: null,
    complete: [],
  });
  assert.equal(replica.size, 0);
});

test("what an opened replica held, it checks the next entries against", (t) => {
  const evidence = recording(20);
  const bench = new ReplicaBench(t);
  for (const [seq, entry] of evidence.entries.entries()) {
    assert.equal(bench.open().append(seq, [entry]).refusal, null, `seq ${seq}`);
  }
  assert.equal(bench.open().size, evidence.entries.length);
});

const FORGERIES: [string, number, Tampering][] = [
  ["an edited body", 5, edit(5, (body) => Object.assign(body, { n: 77 }))],
  [
    "an edited body, hashed anew",
    5,
    (e) => [edit(5, (body) => Object.assign(body, { n: 77 })), rehash(5)].map((f) => f(e)),
  ],
  ["a missing entry", 6, drop(6)],
  ["two entries swapped", 6, swap(6, 7)],
  ["no signature", 4, editSigs(4, () => [])],
  [
    "a signature of another entry",
    4,
    (e) => void Object.assign(e.entries[4] ?? {}, { sigs: e.entries[5]?.sigs }),
  ],
  ["sigs that are not JSON", 4, (e) => void Object.assign(e.entries[4] ?? {}, { sigs: "[" })],
  ["a body that is not JSON", 4, (e) => void Object.assign(e.entries[4] ?? {}, { body: Buffer.from("{") })],
];

for (const [name, at, forgery] of FORGERIES) {
  test(`${name} is refused, and what came before it is kept`, (t) => {
    const replica = new ReplicaBench(t).open();
    const { added, refusal } = replica.append(0, tamper(recording(20), forgery).entries);
    assert.equal(refusal?.code, "bad-entry");
    assert.equal(added, at);
    assert.equal(replica.size, at);
    // control: the honest ledger goes on from there
    assert.equal(replica.append(at, recording(20).entries.slice(at)).refusal, null);
  });
}

test("an entry signed by a stranger is refused", (t) => {
  const replica = new ReplicaBench(t).open();
  const signers = (honest: (typeof DEVICE)[], seq: number) => (seq === 2 ? [STRANGER] : honest);
  const { refusal } = replica.append(0, recording(4, { signers }).entries);
  assert.equal(refusal?.code, "bad-entry");
  assert.equal(replica.size, 2);
});

test("the genesis of another device is refused", (t) => {
  const replica = new ReplicaBench(t, { device: deviceVkey(STRANGER.publicKey) }).open();
  assert.equal(replica.append(0, recording(4).entries).refusal?.code, "bad-entry");
  assert.equal(replica.size, 0);
});

test("an entry held already must come again byte for byte", (t) => {
  const evidence = recording(4);
  const replica = new ReplicaBench(t).open();
  sendEntries(replica, evidence);
  const other = tamper(
    evidence,
    editSigs(3, (sigs) => sigs.map((sig) => ({ ...sig, sig: "00".repeat(64) }))),
  );
  assert.equal(replica.append(0, other.entries).refusal?.code, "bad-entry");
  assert.equal(replica.append(0, evidence.entries).refusal, null);
});

test("a breach of what entries mean is stored and reported", (t) => {
  const evidence = scene((maker) => {
    startLive(maker);
    stopLive(maker, 0, undefined, { chunks: 3, bytes: 4 });
  });
  const replica = new ReplicaBench(t).open();
  const { problems, refusal } = replica.append(0, evidence.entries);
  assert.equal(refusal, null);
  assert.equal(replica.size, evidence.entries.length);
  assert.deepEqual(
    problems.map(({ code }) => code),
    ["stop-sums"],
  );
});

test("an open recording is followed across a restart and message borders", (t) => {
  const honest = recording(10);
  const bench = new ReplicaBench(t);
  for (const [seq, entry] of honest.entries.entries()) {
    const { problems } = bench.open().append(seq, [entry]);
    assert.deepEqual(problems, [], `seq ${seq}`);
  }
  // control: a chunk left out is noticed across the same borders
  const maker = new LedgerMaker();
  startLive(maker);
  stopLive(maker, 0, undefined, { chunks: 1 });
  heartbeat(maker);
  const lying = new ReplicaBench(t);
  const found = maker.evidence().entries.flatMap((entry, seq) => lying.open().append(seq, [entry]).problems);
  assert.deepEqual(
    found.map(({ code }) => code),
    ["stop-sums"],
  );
});

test("nothing is taken that would eat into the reserve", (t) => {
  const replica = new ReplicaBench(t, { keepFreeBytes: Number.MAX_SAFE_INTEGER }).open();
  assert.equal(replica.append(0, recording(4).entries).refusal?.code, "disk-full");
  assert.equal(replica.size, 0);
});

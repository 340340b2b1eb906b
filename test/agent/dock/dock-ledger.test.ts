import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { DockLedger } from "../../../agent/dock/dock-ledger.ts";
import { RangeSet } from "../../../crypto/bytes/ranges.ts";
import { formatVkey, PLAIN_NOTE, verifierKey } from "../../../crypto/keys/vkey.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { signReceipt } from "../../../crypto/proof/receipt.ts";
import { TestDevice } from "../../support/evidence.ts";
import { CUSTODY } from "../../support/ledger/ledger-maker.ts";

test("a recording is covered by a receipt for all its media and its stop, from whom it is pinned, and in no doubt", (t) => {
  const custody = verifierKey(CUSTODY.name, PLAIN_NOTE, CUSTODY.publicKey);
  const device = new TestDevice(t, { custody: [formatVkey(custody)] });
  const evidence = device.start();
  const rec = randomUUID();
  const source = { serial: "S-1", path: "a.mp4", bytes: 30 };
  const claims = { origin: "import", trigger: "import", source } as const;
  evidence.append({ type: "recording.start", rec, ...claims, pre_event_ms: 0, tracks: [] });
  for (const n of [0, 1, 2]) {
    evidence.appendMedia({ type: "recording.chunk", rec, n, offset: n * 10 }, [
      Buffer.from(`${n}`.repeat(10)),
    ]);
  }
  const reader = LedgerReader.open(device.dataDir);
  t.after(() => reader.close());
  const receive = (media: [number, number][]) => {
    const { size } = evidence;
    const receipt = {
      dev: reader.dev,
      size,
      root: reader.root(size),
      media: RangeSet.of(media),
      storedMs: 1,
      receiver: CUSTODY.name,
    };
    evidence.custody.addReceipt(signReceipt(receipt, CUSTODY.signer));
    return reader.body(reader.size() - 1).receipt;
  };
  const covering = (authorises = () => true, keys = [custody]) => {
    const ledger = new DockLedger({ reader, custodyKeys: keys, authorises, recorders: new Set() });
    return ledger.receiptOf(rec)?.digest ?? null;
  };
  receive([[0, 4]]);
  assert.equal(covering(), null);
  const { seq } = evidence.append({
    type: "recording.stop",
    rec,
    chunks: 3,
    bytes: 30,
    reason: "imported",
    file_digest: "ab".repeat(32),
  });
  assert.equal(covering(), null);
  receive([[0, 5]]);
  assert.equal(covering(), null);
  const whole = receive([[0, seq]]);
  assert.equal(covering(), whole);
  assert.equal(
    covering(() => false),
    null,
  );
  assert.equal(covering(undefined, []), null);
});

test("a recorder is known once it was docked, or by configuration; its taker is whoever took it last", (t) => {
  const device = new TestDevice(t);
  const evidence = device.start();
  const reader = LedgerReader.open(device.dataDir);
  t.after(() => reader.close());
  const recorders = new Set(["LISTED"]);
  const ledger = new DockLedger({ reader, custodyKeys: [], authorises: () => true, recorders });
  const docking = { bay: "1", serial: "A1", model: "M", driver: "mtp" };
  assert.deepEqual([ledger.isKnown("LISTED"), ledger.isKnown("A1")], [true, false]);
  evidence.append({ type: "dock.attach", ...docking, wearer: "had-it" });
  assert.deepEqual([ledger.isKnown("A1"), ledger.lastWearer("A1")], [true, undefined]);
  evidence.append({ type: "dock.detach", ...docking, wearer: "took-it", reason: "taken" });
  assert.equal(ledger.lastWearer("A1"), "took-it");
  evidence.append({ type: "dock.attach", ...docking });
  evidence.append({ type: "dock.detach", ...docking, reason: "taken" });
  assert.equal(ledger.lastWearer("A1"), undefined, "nobody said who took it now");
});

test("a file is known by its claims, by its bytes beside them, and its recorder by doubts and disks", (t) => {
  const device = new TestDevice(t);
  const evidence = device.start();
  const reader = LedgerReader.open(device.dataDir);
  t.after(() => reader.close());
  const ledger = new DockLedger({ reader, custodyKeys: [], authorises: () => true, recorders: new Set() });
  const claim = { serial: "A1", path: "a.mp4", bytes: 0 };
  const [first, second] = ["ab".repeat(32), "cd".repeat(32)].map((fileDigest) => {
    const rec = randomUUID();
    const claims = { origin: "import", trigger: "import", source: claim } as const;
    evidence.append({ type: "recording.start", rec, ...claims, pre_event_ms: 0, tracks: [] });
    evidence.append({
      type: "recording.stop",
      rec,
      chunks: 0,
      bytes: 0,
      reason: "imported",
      file_digest: fileDigest,
    });
    return { rec, fileDigest };
  });
  assert.deepEqual(ledger.importOf(claim), second, "the newest");
  assert.deepEqual(ledger.importOf(claim, first?.fileDigest), first);
  assert.equal(ledger.importOf(claim, "ef".repeat(32)), null);
  assert.equal(ledger.importOf({ ...claim, serial: "B2" }, first?.fileDigest), null);

  assert.equal(ledger.isDoubted("A1"), false);
  evidence.append({ type: "dock.doubt", bay: "2", serial: "A1", code: "recorder-twice", other: "1" });
  assert.deepEqual([ledger.isDoubted("A1"), ledger.isDoubted("B2")], [true, false]);

  const about = { type: "dock.inventory", bay: "1", mime: "application/json" } as const;
  evidence.appendMedia({ ...about, serial: "A1", disk: "volume-1" }, [Buffer.from("{}")]);
  evidence.appendMedia({ ...about, serial: "A1" }, [Buffer.from("{ }")]);
  assert.deepEqual([ledger.disksOf("A1"), ledger.disksOf("B2")], [["volume-1"], []]);
});

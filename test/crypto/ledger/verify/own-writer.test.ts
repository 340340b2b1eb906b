import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { RangeSet } from "../../../../crypto/bytes/ranges.ts";
import {
  COSIGNATURE,
  deviceVkey,
  formatVkey,
  PLAIN_NOTE,
  verifierKey,
} from "../../../../crypto/keys/vkey.ts";
import { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { verifyDirectory } from "../../../../crypto/ledger/verify/verify-directory.ts";
import type { EvidenceStore } from "../../../../crypto/ledger/writer/evidence-store.ts";
import { cosign, parseNote } from "../../../../crypto/proof/note.ts";
import { signReceipt } from "../../../../crypto/proof/receipt.ts";
import { recordInto, TestDevice } from "../../../support/evidence.ts";
import { CUSTODY, WITNESS } from "../../../support/ledger/ledger-maker.ts";
import { expectVerdict } from "./expect.ts";

/** Ledgers that the program's own writer made. */

const witness = verifierKey(WITNESS.name, COSIGNATURE, WITNESS.publicKey);
const custody = verifierKey(CUSTODY.name, PLAIN_NOTE, CUSTODY.publicKey);

function startDevice(t: TestContext): TestDevice {
  return new TestDevice(t, { witnesses: [formatVkey(witness)], custody: [formatVkey(custody)] });
}

function verifyDevice(dataDir: string, allowPurged = false) {
  const reader = LedgerReader.open(dataDir);
  const trust = {
    quorum: 1,
    devices: [deviceVkey(reader.deviceKey)],
    witnesses: [witness],
    custody: [custody],
  };
  reader.close();
  return verifyDirectory({ dataDir, trust, allowPurged });
}

/** What a receiver sends back for everything so far. */
function receiptFor(dataDir: string): { envelope: string; media: RangeSet } {
  const reader = LedgerReader.open(dataDir);
  const size = reader.size();
  const media = RangeSet.of([[0, size]]);
  const receipt = {
    dev: reader.dev,
    size,
    root: reader.root(size),
    media,
    storedMs: 1,
    receiver: CUSTODY.name,
  };
  reader.close();
  return { envelope: signReceipt(receipt, CUSTODY.signer), media };
}

function closeWitnessed(evidence: EvidenceStore): void {
  const { size, note } = evidence.close("shutdown");
  evidence.custody.addCosignatures(size, [
    cosign(parseNote(note), 1_795_000_000, WITNESS.name, WITNESS.signer),
  ]);
  evidence.end();
}

test("a recorded, receipted, closed and cosigned ledger is authentic", async (t) => {
  const device = startDevice(t);
  const evidence = device.start();
  recordInto(evidence, device.clock, 10);
  evidence.custody.addReceipt(receiptFor(device.dataDir).envelope);
  closeWitnessed(evidence);
  const report = await verifyDevice(device.dataDir);
  await expectVerdict(report, "authentic");
  assert.equal(report.notes.receivers[0]?.receiver, CUSTODY.name);
  assert.equal(report.notes.media.unnamed, 0);
});

test("a recording that a kill left open verifies once the next start has closed it", async (t) => {
  const device = startDevice(t);
  const killed = device.start();
  recordInto(killed, device.clock, 6, false);
  killed.end();
  await expectVerdict(verifyDevice(device.dataDir), "incomplete", "recording-open");
  closeWitnessed(device.start());
  const report = await verifyDevice(device.dataDir);
  await expectVerdict(report, "authentic");
  assert.equal(report.notes.unclean_boots.count, 1);
});

test("what was purged under a receipt is in order for the device's own copy alone", async (t) => {
  const device = startDevice(t);
  const evidence = device.start();
  recordInto(evidence, device.clock, 6);
  const { envelope, media } = receiptFor(device.dataDir);
  evidence.custody.addReceipt(envelope);
  const reader = LedgerReader.open(device.dataDir);
  const receipt = reader.body(reader.size() - 1).receipt as string;
  reader.close();
  evidence.custody.purge({ seqs: media, reason: "age", policy: "keep_days=30", receipt });
  closeWitnessed(evidence);
  await expectVerdict(verifyDevice(device.dataDir), "incomplete", "media-purged");
  await expectVerdict(verifyDevice(device.dataDir, true), "authentic");
});

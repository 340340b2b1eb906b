import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "../../../../crypto/bytes/digest.ts";
import { RangeSet } from "../../../../crypto/bytes/ranges.ts";
import { cosign, signCheckpoint } from "../../../../crypto/proof/note.ts";
import { type Receipt, signReceipt } from "../../../../crypto/proof/receipt.ts";
import type { Evidence } from "../../../support/ledger/evidence.ts";
import {
  COSIGNED_S,
  CUSTODY,
  DEVICE,
  LedgerMaker,
  SECOND_WITNESS,
  STRANGER,
  trustFile,
  WITNESS,
} from "../../../support/ledger/ledger-maker.ts";
import { heartbeat, purged, record, recording, scene } from "../../../support/ledger/scenes.ts";
import { editNewestNote, tamper, truncate, verify } from "../../../support/ledger/tampering.ts";
import { expectVerdict } from "./expect.ts";

/** What witnesses and receivers vouch for (ledger-format §6, §7, §10). */

const evidence = recording(10);
const dev = DEVICE.publicKey.deviceId;
const otherRoot = sha256("another tree");

test("coverage: the newest checkpoint that a quorum cosigned, and when", async () => {
  const { coverage, size } = await verify(evidence);
  assert.deepEqual(coverage, { size, time_ms: (COSIGNED_S + size) * 1000, witnesses: [WITNESS.name] });
});

test("entries after the last cosigned checkpoint stand on the device's word alone", async () => {
  const maker = new LedgerMaker();
  heartbeat(maker);
  maker.checkpoint(WITNESS);
  heartbeat(maker);
  maker.checkpoint();
  const report = await verify(maker.evidence());
  await expectVerdict(report, "authentic-unwitnessed-tail");
  assert.equal(report.coverage.size, 3);
});

test("a quorum counts keys: two of two, in the order of their times", async () => {
  const maker = new LedgerMaker();
  heartbeat(maker);
  maker.checkpoint(WITNESS, SECOND_WITNESS);
  const both = maker.evidence(trustFile({ quorum: 2, witnesses: [WITNESS, SECOND_WITNESS] }));
  const report = await verify(both);
  await expectVerdict(report, "authentic");
  assert.equal(report.coverage.time_ms, (COSIGNED_S + 3 + 1) * 1000);
});

test("a quorum of two is not met by one witness twice", () => {
  const trust = trustFile({ quorum: 2, witnesses: [WITNESS, SECOND_WITNESS] });
  const twice = tamper(
    { ...evidence, trust },
    editNewestNote((note) => `${note}${note.split("\n").at(-2)}\n`),
  );
  return expectVerdict(verify(twice), "authentic-unwitnessed-tail");
});

test("without witnesses in the trust file nothing is witnessed", () =>
  expectVerdict(
    verify({ ...evidence, trust: trustFile({ quorum: 0, witnesses: [] }) }),
    "authentic-unwitnessed-tail",
  ));

test("a cosignature by a stranger is reported and ignored", async () => {
  const report = await verify(scene((maker) => maker.checkpoint(STRANGER)));
  await expectVerdict(report, "authentic");
  assert.deepEqual(report.notes.strangers.witnesses, [STRANGER.name]);
});

const newest = evidence.checkpoints.at(-1)?.size ?? 0;
const forgedLine = (root: Buffer) =>
  cosign({ dev, size: newest, root }, COSIGNED_S, WITNESS.name, WITNESS.signer);

test("a listed witness's cosignature for another root", () => {
  const forged = editNewestNote(
    (note) => `${note.split("\n").slice(0, 5).join("\n")}\n${forgedLine(otherRoot)}\n`,
  );
  return expectVerdict(verify(tamper(evidence, forged)), "altered", "bad-cosignature");
});

test("a bad cosignature beside a good one", () => {
  const forged = editNewestNote((note) => `${note}${forgedLine(otherRoot)}\n`);
  return expectVerdict(verify(tamper(evidence, forged)), "altered", "bad-cosignature");
});

const notes: [name: string, code: string, change: (note: string) => string][] = [
  [
    "with another root, properly signed",
    "checkpoint-root",
    () => signCheckpoint({ dev, size: newest, root: otherRoot }, DEVICE.signer),
  ],
  [
    "with another root, unsigned",
    "checkpoint-root",
    (note) => note.replace(/^(.*\n.*\n).*/, `$1${otherRoot.toString("base64")}`),
  ],
  ["of another size than its row", "bad-checkpoint", (note) => note.replace(/\n\d+\n/, "\n7\n")],
  [
    "by a stranger's key",
    "bad-checkpoint",
    (note) => note.replace(/^— fulltrace.*$/mu, `— fulltrace/${dev} ${Buffer.alloc(68).toString("base64")}`),
  ],
  ["with a broken signature", "bad-checkpoint", (note) => note.replace(/(^— fulltrace\S* .{20})./mu, "$1x")],
  ["with an extension line", "bad-checkpoint", (note) => note.replace("\n\n", "\nextension\n\n")],
  ["that is no note", "bad-checkpoint", () => "checkpoint"],
];
for (const [name, code, change] of notes) {
  test(`a checkpoint ${name}`, () =>
    expectVerdict(verify(tamper(evidence, editNewestNote(change))), "altered", code));
}

/** Adds a stored receipt for the ledger of `evidence`. */
const withReceipt = (change: Partial<Receipt> = {}, key = CUSTODY): Evidence =>
  tamper(evidence, (copy) => {
    const receipt = {
      dev,
      size: 0,
      root: sha256(""),
      media: new RangeSet(),
      storedMs: 1,
      receiver: key.name,
      ...change,
    };
    const envelope = signReceipt(receipt, key.signer);
    copy.receipts.push({ digest: sha256(envelope), envelope });
  });

test("control: a receipt for the empty ledger", () => expectVerdict(verify(withReceipt()), "authentic"));

test("a receipt for another root", () =>
  expectVerdict(verify(withReceipt({ size: 5, root: otherRoot })), "altered", "receipt-root"));

test("a receipt for another device", () =>
  expectVerdict(verify(withReceipt({ dev: "0".repeat(32) })), "altered", "receipt-mismatch"));

test("a receipt for more than there is", () =>
  expectVerdict(verify(withReceipt({ size: 1000, root: otherRoot })), "altered", "entries-missing"));

test("a receipt with the custody key under another name", () =>
  expectVerdict(verify(withReceipt({ receiver: "elsewhere" })), "altered", "bad-receipt"));

test("a receipt by a stranger is reported and ignored", async () => {
  const report = await verify(withReceipt({ size: 1000, root: otherRoot }, STRANGER));
  await expectVerdict(report, "authentic");
  assert.equal(report.notes.strangers.custody.length, 1);
});

test("a receipt whose signature is forged", () => {
  const forged = tamper(withReceipt(), ({ receipts }) => {
    const row = receipts.at(-1);
    if (row === undefined) return;
    const envelope = JSON.parse(row.envelope);
    envelope.signatures[0].sig = Buffer.alloc(64, 1).toString("base64");
    row.envelope = JSON.stringify(envelope);
    row.digest = sha256(row.envelope);
  });
  return expectVerdict(verify(forged), "altered", "bad-receipt");
});

test("a receipt stored under another digest", () => {
  const misplaced = tamper(withReceipt(), ({ receipts }) => {
    for (const row of receipts) row.digest = otherRoot;
  });
  return expectVerdict(verify(misplaced), "altered", "bad-receipt");
});

test("an entry that misquotes its receipt", () => {
  const misquoted = scene((maker) => void maker.receipt([[0, 2]]), {
    body: (body) => {
      if (body.type === "custody.receipt") body.size = 1;
    },
  });
  return expectVerdict(verify(misquoted), "altered", "receipt-mismatch", 2);
});

test("a receipt that an entry names and nobody kept", () => {
  const lost = tamper(
    scene((maker) => void maker.receipt([[0, 2]])),
    (copy) => {
      copy.receipts = [];
    },
  );
  return expectVerdict(verify(lost), "incomplete", "receipt-missing", 2);
});

const gone = (copy: Evidence) => copy.media.clear();

test("control: purged media, where that is allowed", () =>
  expectVerdict(verify(tamper(purged(), gone), { allowPurged: true }), "authentic"));

test("purged media, where it is not", () =>
  expectVerdict(verify(tamper(purged(), gone)), "incomplete", "media-purged", 3));

test("a purge allows no more than it names", () =>
  expectVerdict(
    verify(tamper(purged({ seqs: [[0, 5]] }), gone), { allowPurged: true }),
    "incomplete",
    "media-missing",
    5,
  ));

test("a purge under a receipt that is not stored", () =>
  expectVerdict(
    verify(purged({ receipt: "ab".repeat(32) }), { allowPurged: true }),
    "altered",
    "purge-unreceipted",
  ));

test("a purge of media that its receipt does not cover", () =>
  expectVerdict(
    verify(purged({ covered: [[0, 5]] }), { allowPurged: true }),
    "altered",
    "purge-unreceipted",
  ));

test("a purge of what comes after it", () =>
  expectVerdict(verify(purged({ seqs: [[0, 1000]] }), { allowPurged: true }), "altered", "purge-range"));

test("a purge under a receipt that no entry named before", () => {
  const unnamed = scene(
    (maker) => {
      record(maker, 4);
      const all: [number, number][] = [[0, maker.size]];
      const receipt = maker.receipt(all);
      maker.add({ type: "custody.purge", seqs: all, reason: "age", policy: "keep_days=30", receipt });
    },
    {
      body: (body) => {
        if (body.type === "custody.receipt") Object.assign(body, { type: "custody.other" });
      },
    },
  );
  return expectVerdict(verify(unnamed, { allowPurged: true }), "altered", "purge-unreceipted");
});

test("a purge under a stranger's receipt", () => {
  const strange = scene((maker) => {
    record(maker, 4);
    const all: [number, number][] = [[0, maker.size]];
    const receipt = maker.receipt(all, STRANGER);
    maker.add({ type: "custody.purge", seqs: all, reason: "age", policy: "keep_days=30", receipt });
  });
  return expectVerdict(verify(strange, { allowPurged: true }), "altered", "purge-unreceipted");
});

const outside = evidence.checkpoints.at(-1)?.note ?? "";

test("control: a note from outside that the ledger holds settles what is newest", async () => {
  const report = await verify(evidence, { note: outside });
  await expectVerdict(report, "authentic");
  assert.equal(report.latest_unknown, false);
  assert.deepEqual(report.notes.note, { size: newest, witnesses: [WITNESS.name] });
});

test("a note from outside that knows more than the ledger", () => {
  const older = tamper(evidence, truncate(newest - 2), (copy) => copy.checkpoints.pop());
  return expectVerdict(verify(older, { note: outside }), "altered", "entries-missing", newest - 2);
});

test("a note from outside that contradicts the ledger", () => {
  const note = signCheckpoint({ dev, size: newest, root: otherRoot }, DEVICE.signer);
  return expectVerdict(verify(evidence, { note }), "altered", "checkpoint-root");
});

test("a note from outside that the device did not sign", () => {
  const note = outside.replace(
    /^— fulltrace\S* .*$/mu,
    `— fulltrace/${dev} ${Buffer.alloc(68).toString("base64")}`,
  );
  return expectVerdict(verify(evidence, { note }), "altered", "bad-note");
});

test("a note of another device", () => {
  const other = { dev: STRANGER.publicKey.deviceId, size: newest, root: otherRoot };
  return expectVerdict(
    verify(evidence, { note: signCheckpoint(other, STRANGER.signer) }),
    "altered",
    "bad-note",
  );
});

test("a note that is none is the caller's mistake", () =>
  assert.rejects(verify(evidence, { note: "no note" }), { code: "bad-note" }));

test("cosignatures on the note from outside count", async () => {
  const bare = tamper(
    evidence,
    editNewestNote((note) => `${note.split("\n").slice(0, 5).join("\n")}\n`),
  );
  await expectVerdict(verify(bare), "authentic-unwitnessed-tail");
  await expectVerdict(verify(bare, { note: outside }), "authentic");
});

test("a device that the trust file does not list", () =>
  expectVerdict(
    verify({ ...evidence, trust: trustFile({ device: STRANGER }) }),
    "altered",
    "unknown-device",
    0,
  ));

test("trusting receipts skips the signatures below and says so", async () => {
  const maker = new LedgerMaker();
  record(maker, 4);
  const size = maker.size;
  maker.receipt([[0, size]]);
  heartbeat(maker);
  maker.checkpoint(WITNESS);
  const report = await verify(maker.evidence(), { trustReceipts: true });
  await expectVerdict(report, "authentic");
  assert.equal(report.notes.trusted_receipt?.size, size);
  assert.equal(report.notes.signatures.skipped, size);
});

test("a receipt that is trusted must hold all the same", () => {
  const small = tamper(evidence, (copy) => {
    const envelope = signReceipt(
      { dev, size: 9, root: otherRoot, media: new RangeSet(), storedMs: 1, receiver: CUSTODY.name },
      CUSTODY.signer,
    );
    copy.receipts.push({ digest: sha256(envelope), envelope });
  });
  return expectVerdict(verify(small, { trustReceipts: true }), "altered", "receipt-root");
});

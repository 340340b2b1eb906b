import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { RangeSet } from "../../../crypto/bytes/ranges.ts";
import { SigningKey } from "../../../crypto/keys/ed25519.ts";
import { COSIGNATURE, formatVkey, PLAIN_NOTE, parseVkey, verifierKey } from "../../../crypto/keys/vkey.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { coveredSeqs } from "../../../crypto/ledger/pinned-receipts.ts";
import type { EvidenceStore } from "../../../crypto/ledger/writer/evidence-store.ts";
import { MediaStore } from "../../../crypto/media/store.ts";
import { cosign, parseNote } from "../../../crypto/proof/note.ts";
import { signReceipt } from "../../../crypto/proof/receipt.ts";
import { recordInto, TestDevice } from "../../support/evidence.ts";

const custodyKey = SigningKey.fromSeed(Buffer.alloc(32, 1));
const witnessKey = SigningKey.fromSeed(Buffer.alloc(32, 2));
const strangerKey = SigningKey.fromSeed(Buffer.alloc(32, 3));
const CUSTODY = formatVkey(verifierKey("district.example/custody", PLAIN_NOTE, custodyKey.publicKey));
const WITNESS = formatVkey(verifierKey("district.example/witness", COSIGNATURE, witnessKey.publicKey));

/** A device that has recorded `seconds`, and a receiver's pen. */
function recorded(t: TestContext, seconds: number) {
  const device = new TestDevice(t, { custody: [CUSTODY], witnesses: [WITNESS] });
  const evidence = device.start();
  const rec = recordInto(evidence, device.clock, seconds);
  const reader = LedgerReader.open(device.dataDir);
  const receipt = (changes: {
    media?: [number, number][];
    size?: number;
    dev?: string;
    root?: Buffer;
    key?: SigningKey;
  }) => {
    const size = changes.size ?? evidence.size;
    return signReceipt(
      {
        dev: changes.dev ?? reader.dev,
        size,
        root: changes.root ?? reader.root(size),
        media: RangeSet.of(changes.media ?? [[0, size]]),
        storedMs: 1,
        receiver: "district.example/custody",
      },
      changes.key ?? custodyKey,
    );
  };
  return { device, evidence, rec, reader, receipt };
}

test("a receipt for new media is stored and named by an entry; the same or a poorer one is not", (t) => {
  const { evidence, reader, receipt } = recorded(t, 4);
  const envelope = receipt({});
  const coveredTo = evidence.size;
  assert.equal(evidence.custody.addReceipt(envelope), "new");
  assert.equal(reader.body(evidence.size - 1).type, "custody.receipt");
  assert.equal(evidence.custody.addReceipt(envelope), "known");
  // larger, but what came since names no media: receipts do not feed on themselves
  assert.equal(evidence.custody.addReceipt(receipt({})), "nothing-new");
  assert.ok(coveredSeqs(reader, [parseVkey(CUSTODY)]).covers(0, coveredTo));
});

test("a receipt by a stranger, for another device, root or future, or with a bent byte, is refused", (t) => {
  const { evidence, receipt } = recorded(t, 2);
  const add = (envelope: string) => () => evidence.custody.addReceipt(envelope);
  assert.throws(add(receipt({ key: strangerKey })), { code: "unknown-custody-key" });
  assert.throws(add(receipt({ dev: "0".repeat(32) })), { code: "receipt-mismatch" });
  assert.throws(add(receipt({ root: Buffer.alloc(32) })), { code: "receipt-mismatch" });
  assert.throws(add(receipt({ size: evidence.size + 1, root: Buffer.alloc(32) })), {
    code: "receipt-mismatch",
  });
  const bent = receipt({}).replace(
    /"sig":"./,
    (start) => `${start.slice(0, -1)}${start.endsWith("A") ? "B" : "A"}`,
  );
  assert.throws(add(bent), { code: "bad-receipt" });
  assert.equal(evidence.custody.addReceipt(receipt({})), "new");
});

test("a pinned witness's cosignature is kept once; a stranger's or a forged one is refused", (t) => {
  const { evidence, reader } = recorded(t, 2);
  const { size, note } = evidence.checkpoint();
  const line = cosign(parseNote(note), 1_795_000_000, "district.example/witness", witnessKey);
  const later = cosign(parseNote(note), 1_795_000_009, "district.example/witness", witnessKey);
  const stranger = cosign(parseNote(note), 1_795_000_000, "else.example/witness", strangerKey);
  const forged = cosign(
    { ...parseNote(note), size: 1 },
    1_795_000_000,
    "district.example/witness",
    witnessKey,
  );
  const add = (text: string) => () => evidence.custody.addCosignatures(size, [text]);
  assert.throws(add(stranger), { code: "unknown-witness" });
  assert.throws(add(forged), { code: "bad-cosignature" });
  assert.equal(add(line)(), 1);
  assert.equal(add(later)(), 0);
  assert.deepEqual(
    parseNote(reader.checkpoint(size)?.note as string)
      .lines.map(({ text }) => text)
      .at(-1),
    line,
  );
  assert.equal(reader.newestCosigned()?.size, size);
});

/** Seqs of the media that a recording's entries name. */
function mediaSeqs(reader: LedgerReader, rec: string): RangeSet {
  return RangeSet.of(reader.media.of(rec).map(({ seq }): [number, number] => [seq, seq + 1]));
}

function purge(evidence: EvidenceStore, seqs: RangeSet, receipt: string) {
  return evidence.custody.purge({ seqs, reason: "keep-days", policy: "keep_days=30", receipt });
}

test("a purge is signed before the files go, and takes only what the receipt covers", (t) => {
  const { device, evidence, rec, reader, receipt } = recorded(t, 4);
  const seqs = mediaSeqs(reader, rec);
  const [first] = [...seqs];
  assert.throws(() => purge(evidence, seqs, "0".repeat(64)), { code: "purge-refused" });
  evidence.custody.addReceipt(receipt({ media: [[first?.[0] as number, (first?.[0] as number) + 1]] }));
  const narrow = reader.body(evidence.size - 1).receipt as string;
  assert.throws(() => purge(evidence, seqs, narrow), { code: "purge-refused" });
  evidence.custody.addReceipt(receipt({}));
  const wide = reader.body(evidence.size - 1).receipt as string;
  const { seq, files } = purge(evidence, seqs, wide);
  assert.equal(reader.body(seq).type, "custody.purge");
  assert.equal(files, 3);
  assert.deepEqual([...new MediaStore(device.dataDir).files()], []);
  assert.ok(reader.media.of(rec).every(({ purged }) => purged));
});

test("a file that two recordings share stays until both are purged", (t) => {
  const { device, evidence, rec, reader, receipt } = recorded(t, 2);
  const other = recordInto(evidence, device.clock, 2);
  evidence.custody.addReceipt(receipt({}));
  const digest = reader.body(evidence.size - 1).receipt as string;
  const shared = reader.media.of(rec)[0]?.digest as string;
  assert.equal(reader.media.naming(shared).length, 2);
  purge(evidence, mediaSeqs(reader, rec), digest);
  const media = new MediaStore(device.dataDir);
  assert.equal(media.bytes(shared), 4);
  purge(evidence, mediaSeqs(reader, other), digest);
  assert.equal(media.bytes(shared), null);
});

test("a purge that was signed but cut short is finished by the next start", (t) => {
  const { device, evidence, rec, reader, receipt } = recorded(t, 2);
  evidence.custody.addReceipt(receipt({}));
  purge(evidence, mediaSeqs(reader, rec), reader.body(evidence.size - 1).receipt as string);
  const { digest } = reader.media.of(rec)[1] as { digest: string };
  const media = new MediaStore(device.dataDir);
  media.put([Buffer.from(`${rec} from 0`)], { random: { bytes: (n) => Buffer.alloc(n) }, keepFreeBytes: 0 });
  assert.notEqual(media.bytes(digest), null);
  evidence.end();
  device.start().end();
  assert.equal(media.bytes(digest), null);
});

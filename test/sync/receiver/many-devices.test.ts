import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { deviceVkey, formatVkey } from "../../../crypto/keys/vkey.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { EvidenceStore } from "../../../crypto/ledger/writer/evidence-store.ts";
import { MediaStore } from "../../../crypto/media/store.ts";
import { Desk } from "../../../sync/receiver/store/desk.ts";
import type { DeviceBatch, UpMessage } from "../../../sync/receiver/store/letters.ts";
import { encodeEntries } from "../../../sync/wire/entries.ts";
import { ledgerOptions, recordInto } from "../../support/evidence.ts";
import { hello, part, read } from "../../support/receiver/desk-bench.ts";
import { ManualClock, seededRandom, temporaryDirectory } from "../../support/surroundings.ts";

interface Recorder {
  dev: string;
  vkey: string;
  messages: UpMessage[];
  files: Map<string, Buffer>;
}

/** A recorder of its own key, and all that it would send. */
function recorder(t: TestContext, name: string): Recorder {
  const dataDir = mkdtempSync(join(tmpdir(), "fulltrace-test-"));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
  const clock = new ManualClock();
  const evidence = EvidenceStore.open(ledgerOptions(dataDir), { clock, random: seededRandom(name) });
  recordInto(evidence, clock, 6);
  const reader = LedgerReader.open(dataDir);
  const store = new MediaStore(dataDir);
  const rows = reader.media.within(0, reader.size(), "oldest", -1);
  const files = new Map(rows.map(({ digest }) => [digest, readFileSync(store.path(digest))]));
  const lines = encodeEntries(reader.entries(0, 1000, 1e9));
  const messages: UpMessage[] = [
    { subject: { kind: "entries", from: 0 }, payload: lines },
    ...[...files].map(([digest, bytes]) => part(digest, 0, bytes)),
  ];
  const made = { dev: reader.dev, vkey: formatVkey(deviceVkey(reader.deviceKey)), messages, files };
  reader.close();
  evidence.end();
  return made;
}

test("twelve devices share two open databases, and a thirteenth that lies harms only itself", async (t) => {
  const recorders = Array.from({ length: 13 }, (_, i) => recorder(t, `recorder ${i}`));
  const [liar, victim] = recorders;
  assert.ok(liar && victim);
  const dataDir = temporaryDirectory(t);
  const options = {
    dataDir,
    name: "district.example",
    devices: recorders.map(({ vkey }) => vkey),
    otherWitnesses: [],
    limits: { openDatabases: 2, keepFreeBytes: 0 },
  };
  const desk = Desk.open(options, new ManualClock(), seededRandom("receiver"));
  t.after(() => desk.close());
  // another's entries, another's media, and noise
  const noise = Buffer.from("noise");
  const lies: UpMessage[] = [
    ...victim.messages,
    { subject: { kind: "entries", from: 0 }, payload: noise },
    { subject: { kind: "checkpoint" }, payload: noise },
    hello("liar"),
  ];
  const longest = Math.max(...recorders.map(({ messages }) => messages.length));
  for (let i = 0; i < longest; i++) {
    const batches = recorders.map(({ dev, messages }): DeviceBatch => {
      const message = dev === liar.dev ? lies[i] : messages[i];
      return { dev, creditBytes: 1_000_000, messages: message === undefined ? [] : [message] };
    });
    for (const raw of await desk.handle(batches)) {
      const { nacks, receipts } = read(raw);
      if (raw.dev === liar.dev) assert.deepEqual(receipts, []);
      else assert.deepEqual(nacks, []);
    }
  }
  for (const { dev, files } of recorders.slice(1)) {
    const [answers] = await desk.handle([{ dev, creditBytes: 1_000_000, messages: [hello("end")] }]);
    assert.equal(answers?.replica?.missing, 0);
    const store = new MediaStore(join(dataDir, "devices", dev));
    for (const [digest, bytes] of files) assert.deepEqual(readFileSync(store.path(digest)), bytes);
  }
  const [answers] = await desk.handle([{ dev: liar.dev, creditBytes: 1_000_000, messages: [hello("end")] }]);
  assert.equal(answers?.replica?.size, 0);
});

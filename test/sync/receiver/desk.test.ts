import assert from "node:assert/strict";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sha256 } from "../../../crypto/bytes/digest.ts";
import { parseVkey } from "../../../crypto/keys/vkey.ts";
import { signCheckpoint } from "../../../crypto/proof/note.ts";
import { openReceipt } from "../../../crypto/proof/receipt.ts";
import { Desk } from "../../../sync/receiver/store/desk.ts";
import { fullDisk } from "../../support/full-disk.ts";
import { DEVICE, LedgerMaker } from "../../support/ledger/ledger-maker.ts";
import { heartbeat, recording } from "../../support/ledger/scenes.ts";
import { edit, tamper } from "../../support/ledger/tampering.ts";
import {
  CREDIT,
  checkpoint,
  DEV,
  DeskBench,
  entries,
  hello,
  media,
  NAME,
  part,
} from "../../support/receiver/desk-bench.ts";
import { content } from "../../support/sync/backlog.ts";

test("a new device is told that nothing is held, with its nonce and credit", async (t) => {
  const { haves, nacks } = await new DeskBench(t).send(hello("n1"));
  const [have, ...more] = haves;
  assert.deepEqual([more, nacks], [[], []]);
  assert.equal(have?.re, "n1");
  assert.equal(have?.receiver, `${NAME}/custody`);
  assert.equal(have?.size, 0);
  assert.deepEqual(have?.root, sha256(""));
  assert.equal(have?.credit, CREDIT);
  assert.equal(have?.checkpoint, undefined);
});

test("entries are answered by what is held, and missing media is named", async (t) => {
  const evidence = recording(8);
  const bench = new DeskBench(t);
  const { haves, receipts } = await bench.send(entries(evidence));
  const [have] = haves;
  assert.equal(have?.re, undefined);
  assert.equal(have?.size, evidence.entries.length);
  assert.deepEqual(new Set(have?.parts.keys()), new Set(evidence.media.keys()));
  assert.ok([...(have?.parts.values() ?? [])].every(({ size }) => size === 0));
  assert.deepEqual(receipts, []);
});

test("entries from beyond the end, and ones held already, are answered all the same", async (t) => {
  const evidence = recording(8);
  const bench = new DeskBench(t);
  for (const [message, size] of [
    [entries(evidence, 5), 0],
    [entries(evidence, 0, 5), 5],
    [entries(evidence, 0, 5), 5],
  ] as const) {
    const { haves, nacks } = await bench.send(message);
    assert.deepEqual([haves.map((have) => have.size), nacks], [[size], []]);
  }
});

test("a part is answered by all that is held of its file, a whole file by its seqs and a receipt", async (t) => {
  const evidence = recording(4);
  const bench = new DeskBench(t);
  await bench.send(entries(evidence));
  const [digest, bytes] = [...evidence.media][1] ?? assert.fail();
  const first = await bench.send(
    part(digest, 10, bytes.subarray(10, 20)),
    part(digest, 30, bytes.subarray(30)),
  );
  assert.deepEqual(first.haves[0]?.parts.get(digest)?.toJSON(), [
    [10, 20],
    [30, bytes.length],
  ]);
  const second = await bench.send(part(digest, 0, bytes.subarray(0, 30)));
  assert.equal(second.haves[0]?.parts.has(digest), false);
  assert.deepEqual(second.haves[0]?.done.toJSON(), [[5, 6]]);
  const [envelope] = second.receipts;
  const custody = parseVkey(bench.desk.vkeys.custody);
  assert.equal(openReceipt(envelope ?? "", [custody]).media.has(5), true);
});

test("asked again, a receiver tells all, sends the standing receipts, and no media moves", async (t) => {
  const evidence = recording(8);
  const bench = new DeskBench(t);
  await bench.send(entries(evidence));
  const { receipts } = await bench.send(...media(evidence));
  assert.equal(receipts.length, 1);
  bench.restart();
  const again = await bench.send(hello("n2"));
  assert.deepEqual(again.haves[0]?.done.toJSON(), [[0, evidence.entries.length]]);
  assert.deepEqual([...(again.haves[0]?.parts.keys() ?? [])], []);
  assert.deepEqual(again.receipts, receipts);
});

test("the messages of one batch are answered together, questions last", async (t) => {
  const evidence = recording(8);
  const bench = new DeskBench(t);
  const { haves } = await bench.send(entries(evidence), ...media(evidence), hello("n1"));
  assert.deepEqual(
    haves.map(({ re, size, done }) => [re, size, done.has(8)]),
    [
      [undefined, evidence.entries.length, true],
      ["n1", evidence.entries.length, true],
    ],
  );
});

test("a receipt that had to wait is signed when its time has come", async (t) => {
  const evidence = recording(8);
  const bench = new DeskBench(t);
  const [first, ...others] = media(evidence);
  assert.ok(first);
  assert.equal((await bench.send(entries(evidence), first)).receipts.length, 1);
  assert.equal((await bench.send(...others)).receipts.length, 0);
  assert.deepEqual(await bench.tick(), []);
  bench.clock.advance(10_000);
  const [owed] = await bench.tick();
  assert.equal(owed?.receipts.length, 1);
  assert.deepEqual(owed?.haves, []);
  assert.deepEqual(await bench.tick(), []);
});

test("a checkpoint is answered by its cosignature, one beyond by what is held", async (t) => {
  const maker = new LedgerMaker();
  heartbeat(maker);
  const note = maker.checkpoint();
  const evidence = maker.evidence();
  const bench = new DeskBench(t);
  assert.equal((await bench.send(checkpoint(note))).haves.length, 1);
  await bench.send(entries(evidence));
  const { cosignatures, haves } = await bench.send(checkpoint(note));
  assert.deepEqual([cosignatures.map(({ size }) => size), haves], [[3], []]);
  // the one in hello is taken like any other, and comes back as the newest held
  const greeted = await bench.send(hello("n", note));
  assert.deepEqual(greeted.cosignatures, cosignatures);
  assert.equal(greeted.haves[0]?.checkpoint, `${note}${cosignatures[0]?.lines[0]}\n`);
});

test("every refusal names what it is about and why", async (t) => {
  const bytes = content("photo", 3000);
  const maker = new LedgerMaker();
  const { digest } = maker.media(bytes);
  maker.add({ type: "recording.photo", mime: "image/jpeg", ...maker.media(bytes) });
  const evidence = maker.evidence();
  const unknown = sha256("unknown").toString("hex");
  const rootless = signCheckpoint({ dev: DEV, size: 2, root: Buffer.alloc(32) }, DEVICE.signer);
  const forged = tamper(
    evidence,
    edit(2, (body) => Object.assign(body, { mime: "image/png" })),
  );
  const cases = [
    ["bad-entry", "entries/2", entries(forged, 2)],
    ["bad-entry", "entries/0", { subject: { kind: "entries", from: 0 }, payload: Buffer.from("no LF") }],
    ["bad-entry", "hello", { subject: { kind: "hello" }, payload: Buffer.from("{}  no") }],
    ["unsupported", "hello", { subject: { kind: "hello" }, payload: Buffer.from('{"v":2}') }],
    ["bad-entry", "checkpoint", checkpoint("no note")],
    ["fork", "checkpoint", checkpoint(rootless)],
    ["unannounced", `media/${unknown}/0`, part(unknown, 0, bytes)],
    ["unannounced", `media/${digest}/1`, part(digest, 1, bytes)],
    ["bad-hash", `media/${digest}/0`, part(digest, 0, Buffer.alloc(3000))],
  ] as const;
  const bench = new DeskBench(t);
  await bench.send(entries(evidence, 0, 2));
  for (const [code, about, message] of cases) {
    if (message.subject.kind === "media") await bench.send(entries(evidence));
    const { nacks, receipts } = await bench.send(message);
    assert.deepEqual(
      nacks.map((nack) => [nack.code, nack.about]),
      [[code, about]],
    );
    assert.deepEqual(receipts, []);
  }
  // control: the same device goes on
  const { nacks, receipts } = await bench.send(entries(evidence), part(digest, 0, bytes));
  assert.deepEqual([nacks, receipts.length], [[], 1]);
});

test("a rival entry is a fork, and its device still hears what is held", async (t) => {
  const bench = new DeskBench(t);
  await bench.send(entries(recording(4)));
  const maker = new LedgerMaker();
  heartbeat(maker);
  heartbeat(maker);
  const { nacks, raw } = await bench.send(entries(maker.evidence(), 3));
  assert.equal(nacks[0]?.code, "fork");
  assert.equal(raw.replica?.forks, 1);
  const { haves } = await bench.send(hello("n"));
  assert.equal(haves[0]?.size, recording(4).entries.length);
});

test("a full disk pauses a device, and room again gives it credit unasked", async (t) => {
  const evidence = recording(4);
  const bench = new DeskBench(t, { limits: { openDatabases: 4, keepFreeBytes: 1 } });
  await bench.send(entries(evidence));
  const disk = fullDisk(t);
  const [photo] = media(evidence);
  assert.ok(photo);
  const { nacks, haves } = await bench.send(hello("n"), entries(evidence), photo);
  assert.deepEqual(
    nacks.map(({ code, retryAfterMs }) => [code, retryAfterMs]),
    [
      ["disk-full", 60_000],
      ["disk-full", 60_000],
    ],
  );
  assert.ok(haves.every(({ credit }) => credit === 0));
  assert.deepEqual(await bench.tick(), [], "still full");
  disk.makeRoom();
  const [reopened, ...more] = await bench.tick();
  assert.deepEqual(
    reopened?.haves.map(({ re, credit }) => [re, credit]),
    [[undefined, CREDIT]],
  );
  assert.deepEqual([more, await bench.tick()], [[], []]);
  assert.deepEqual((await bench.send(photo)).nacks, []);
});

test("a replica that cannot be opened is its own device's trouble", async (t) => {
  const bench = new DeskBench(t);
  await bench.send(entries(recording(4)));
  bench.restart();
  writeFileSync(join(bench.options.dataDir, "devices", DEV, "ledger.db"), "no database at all".repeat(100));
  const { nacks, raw } = await bench.send(hello("n1"));
  assert.deepEqual(
    nacks.map(({ code, about }) => [code, about]),
    [["slow-down", "hello"]],
  );
  assert.equal(raw.replica, null);
  assert.equal(raw.troubles.length, 1);
});

test("only listed devices have a replica", async (t) => {
  const bench = new DeskBench(t);
  const [answers] = await bench.desk.handle([
    { dev: "0".repeat(32), creditBytes: CREDIT, messages: [hello("n")] },
  ]);
  assert.equal(answers?.replica, null);
  assert.equal(existsSync(join(bench.options.dataDir, "devices")), false);
});

test("one receiver at a time: a second is kept out until the first is gone", (t) => {
  const bench = new DeskBench(t);
  const open = () => Desk.open(bench.options, bench.clock, { bytes: (count) => Buffer.alloc(count, 1) });
  assert.throws(open, { code: "store-locked" });
  bench.desk.close();
  const second = open();
  assert.throws(() => bench.restart(), { code: "store-locked" });
  second.close();
  bench.restart();
  assert.ok(readdirSync(bench.options.dataDir).includes("writer.lock"));
});

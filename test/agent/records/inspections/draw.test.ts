import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import fc from "fast-check";
import { drawSample, sampleSize, seedOf } from "../../../../agent/records/inspections/draw-rule.ts";
import { readDraw, sampleOf } from "../../../../agent/records/inspections/inspection-record.ts";
import { verifyDraw } from "../../../../agent/records/inspections/verify-draw.ts";
import { faultyField } from "../../../../crypto/proof/rules/fields.ts";
import { HOUR, Office, WITNESS_KEY } from "./office.ts";

test("the golden vector of docs/inspections.md", () => {
  const text = `fulltrace/${"0".repeat(32)}\n7\n${Buffer.alloc(32).toString("base64")}\n`;
  const seed = seedOf(text, "\u2014 district.example/witness AAAA");
  assert.equal(seed.toString("hex"), "172467d3119fdf5c74d45c65aa0a31f3767fdb1fb6b0aff962eb098bed8f79c5");
  const ids = [1, 2, 3, 4, 5].map((n) => `0000000${n}-0000-4000-8000-000000000000`);
  assert.deepEqual(
    drawSample(seed, ids, 3).map((id) => id.slice(0, 8)),
    ["00000002", "00000003", "00000005"],
  );
});

/** The rule once more, by a stranger with a database and a hash function who trusts this witness's clock. */
function strangersDraw(dataDir: string, fromS: number, toS: number, count: (n: number) => number): string[] {
  const db = new Database(join(dataDir, "ledger.db"), { readonly: true });
  const sha = (...parts: (Buffer | string)[]) =>
    parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
  const notes = db.prepare("SELECT size, note FROM checkpoints ORDER BY size").all() as {
    size: number;
    note: string;
  }[];
  const signed = notes.flatMap(({ size, note }) => {
    const [text = "", lines = ""] = note.split("\n\n");
    const [, line] = lines.trimEnd().split("\n");
    if (line === undefined) return [];
    const time = Number(Buffer.from(line.split(" ")[2] ?? "", "base64").readBigUInt64BE(4));
    return [{ size, text: `${text}\n`, line, time }];
  });
  const low = signed.find(({ time }) => time > fromS)?.size ?? 0;
  const seed = signed.find(({ time }) => time > toS);
  assert.ok(seed !== undefined);
  const bodies = db
    .prepare("SELECT body FROM entries WHERE seq >= ? AND seq < ? ORDER BY seq")
    .all(low, seed.size) as { body: Buffer }[];
  db.close();
  const candidates = bodies
    .map(({ body }) => JSON.parse(body.toString("utf8")))
    .filter(({ type }) => type === "recording.start")
    .map(({ rec }) => String(rec));
  const digest = sha("fulltrace/inspection/v1\n", seed.text, seed.line, "\n");
  const score = (id: string) => sha(digest, id).toString("hex");
  return candidates.sort((a, b) => (score(a) < score(b) ? -1 : 1)).slice(0, count(candidates.length));
}

test("a draw is what a stranger draws from the same ledger, and holds", async (t) => {
  const office = new Office(t);
  const { fromMs, toMs, recordings } = office.month();
  await assert.rejects(office.draw(fromMs, toMs), { code: "draw-too-early" });
  office.device.clock.advance(1000);
  office.cosign();
  office.device.clock.advance(HOUR);
  office.record(5);
  office.cosign();
  const drawn = await office.draw(fromMs, toMs);
  assert.deepEqual([drawn.candidates, drawn.drawn, drawn.repeats], [40, 10, []]);
  const { draw, items } = readDraw(office.reader, drawn.draw.slice(0, 8));
  const sample = items.map(({ item }) => item);
  const expected = strangersDraw(office.device.dataDir, fromMs / 1000, toMs / 1000, (n) => Math.ceil(n / 4));
  assert.deepEqual(sample, expected);
  assert.ok(sample.every((rec) => recordings.includes(rec)));
  assert.deepEqual(verifyDraw(office.reader, [WITNESS_KEY], draw).faults, []);
});

test("none of none is signed of a quiet period, and refused of one before the ledger", async (t) => {
  const office = new Office(t);
  const begunMs = office.nowMs;
  office.cosign();
  office.device.clock.advance(HOUR);
  const endMs = office.nowMs;
  office.device.clock.advance(1000);
  office.evidence.append({ type: "device.heartbeat", free_bytes: 1, recording: false });
  office.cosign();
  await assert.rejects(office.draw(begunMs - 2 * HOUR, begunMs - HOUR), { code: "draw-before-ledger" });
  const { candidates, drawn, from_seq, seed_size, seed_ms } = await office.draw(begunMs + 1, endMs);
  assert.deepEqual([candidates, drawn, from_seq], [0, 0, seed_size]);
  assert.equal(seed_ms, Math.floor((endMs + 1000) / 1000) * 1000);
});

test("periods that adjoin take each recording once, whatever the recorder's own clock said", async (t) => {
  const office = new Office(t);
  const { fromMs, toMs } = office.month();
  office.device.clock.advance(1000);
  office.cosign();
  // set back by a year, in the hope that no period has it
  office.device.clock.stepWall(-365 * 24 * HOUR);
  const [hidden = ""] = office.record(1);
  office.device.clock.stepWall(365 * 24 * HOUR);
  office.device.clock.advance(HOUR);
  const endMs = office.nowMs;
  office.device.clock.advance(1000);
  office.cosign();
  const [early, first, second] = [
    await office.draw(0, fromMs, [1, 1]),
    await office.draw(fromMs, toMs, [1, 1]),
    await office.draw(toMs, endMs, [1, 1]),
  ];
  const samples = [early, first, second].map(({ draw }) =>
    sampleOf(office.reader, readDraw(office.reader, draw).draw),
  );
  assert.deepEqual(samples[2], [hidden]);
  const all = samples.flat();
  assert.equal(new Set(all).size, all.length);
  assert.equal(all.length, 3 + 40 + 1);
});

test("a larger sample holds the smaller one: drawing again steers nothing, and is said", async (t) => {
  const office = new Office(t);
  const { fromMs, toMs } = office.month();
  office.device.clock.advance(1000);
  office.cosign();
  const once = await office.draw(fromMs, toMs, [1, 10]);
  const again = await office.draw(fromMs, toMs + 1, [1, 4]);
  assert.deepEqual(again.repeats, [once.draw]);
  const [small, large] = [once, again].map(({ draw }) =>
    readDraw(office.reader, draw).items.map(({ item }) => item),
  );
  assert.deepEqual(large?.slice(0, small?.length), small);
});

test("a sample has its share rounded up, the least that was asked for, and never more than there is", () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.integer({ min: 1, max: 100 }), fc.nat(50), (n, percent, atLeast) => {
      const wish = { of: "recordings", fromMs: 0, toMs: 1, rateN: percent, rateD: 100 } as const;
      const size = sampleSize(n, { ...wish, atLeast });
      assert.ok(size <= n && size * 100 >= Math.min(n * 100, n * percent) && size >= Math.min(n, atLeast));
      assert.ok(size === Math.min(n, atLeast) || (size - 1) * 100 < n * percent);
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("results: an item stays open until somebody decides, and what was wrong is put right by another entry", async (t) => {
  const office = new Office(t);
  const { fromMs, toMs } = office.month();
  office.device.clock.advance(1000);
  office.cosign();
  const { draw } = await office.draw(fromMs, toMs);
  const [first] = readDraw(office.reader, draw).items;
  const item = first?.item ?? "";
  const finding = () => readDraw(office.reader, draw).items[0]?.finding;
  await office.result({ draw, item, finding: "note", text: "sound is faint" });
  assert.equal(finding(), null);
  await assert.rejects(office.result({ draw, item, finding: "defect" }), { code: "misuse" });
  const wrong = await office.result({ draw, item, finding: "defect", defect: "muted" });
  assert.equal(finding(), "defect");
  const noted = readDraw(office.reader, draw).items[0]?.results[0]?.seq ?? 0;
  const another = { corrects: noted, text: "another entry" };
  for (const careless of [{}, { text: "all well" }, { corrects: wrong?.seq ?? 0 }, another])
    await assert.rejects(office.result({ draw, item, finding: "in-order", ...careless }), {
      code: "defect-stands",
    });
  await assert.rejects(office.result({ draw, item, finding: "in-order", defect: "muted" }), {
    code: "misuse",
  });
  const text = "the sound is in the other recording";
  await office.result({ draw, item, finding: "in-order", corrects: wrong?.seq ?? 0, text });
  assert.equal(finding(), "in-order");
  assert.equal(readDraw(office.reader, draw).items[0]?.results.length, 3);
  const [stranger = ""] = office.record(1);
  await assert.rejects(office.result({ draw, item: stranger, finding: "in-order" }), {
    code: "item-not-drawn",
  });
  await assert.rejects(office.result({ draw, item, finding: "in-order", corrects: 0 }), {
    code: "entry-missing",
  });
  await assert.rejects(office.result({ draw: stranger, item, finding: "note" }), { code: "draw-unknown" });
});

test("the verifier's field rules know a draw and a result, each field of them", async (t) => {
  const office = new Office(t);
  const { fromMs, toMs } = office.month();
  office.device.clock.advance(1000);
  office.cosign();
  const { draw, seq } = await office.draw(fromMs, toMs);
  const item = readDraw(office.reader, draw).items[0]?.item ?? "";
  const written = await office.result({ draw, item, finding: "defect", defect: "muted" });
  const optional = new Set(["v", "type", "dev", "seq", "prev", "epoch", "t", "defect"]);
  for (const at of [seq, written?.seq ?? 0]) {
    const body = office.reader.body(at);
    const type = String(body.type);
    assert.equal(faultyField(type, body), null);
    for (const name of Object.keys(body).filter((key) => !optional.has(key))) {
      const { [name]: _, ...rest } = body;
      assert.equal(faultyField(type, rest), name);
    }
  }
});

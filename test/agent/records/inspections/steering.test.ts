import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type TestContext, test } from "node:test";
import {
  type DrawList,
  drawSample,
  listBytes,
  seedOf,
} from "../../../../agent/records/inspections/draw-rule.ts";
import { readDraws } from "../../../../agent/records/inspections/inspection-record.ts";
import { makeDraw, type PendingDraw } from "../../../../agent/records/inspections/make-draw.ts";
import { verifyDraw } from "../../../../agent/records/inspections/verify-draw.ts";
import { sha256 } from "../../../../crypto/bytes/digest.ts";
import { checkpointText, cosign } from "../../../../crypto/proof/note.ts";
import { TestKey } from "../../../support/ledger/test-keys.ts";
import { HOUR, Office, WITNESS_KEY } from "./office.ts";

/** A recorder whose program was changed: it signs whatever draw it likes, with digests that agree with it. */
class CrookedOffice extends Office {
  readonly fromMs: number;
  readonly toMs: number;
  readonly seedSize: number;
  readonly laterSize: number;
  readonly laterLine: string;

  constructor(t: TestContext) {
    super(t);
    const { fromMs, toMs } = this.month();
    this.fromMs = fromMs;
    this.toMs = toMs;
    this.device.clock.advance(1000);
    this.seedSize = this.cosign();
    this.device.clock.advance(HOUR);
    this.record(2);
    const later = this.askWitness();
    this.evidence.custody.addCosignatures(later.size, [later.line]);
    this.laterSize = later.size;
    this.laterLine = later.line;
  }

  honest(): { body: PendingDraw; list: DrawList } {
    const { fromMs, toMs } = this;
    const wish = { of: "recordings", fromMs, toMs, rateN: 1, rateD: 4, atLeast: null } as const;
    const made = makeDraw(this.reader, [WITNESS_KEY], wish);
    assert.ok(made !== null);
    return made;
  }

  /** Signs the honest draw with changes; `relist` makes its list agree with them. */
  sign(changes: Partial<PendingDraw>, relist: (list: DrawList) => DrawList = (list) => list): string[] {
    const { body, list } = this.honest();
    const changed = relist(list);
    const bytes = listBytes(changed);
    const pending = {
      ...body,
      candidates: changed.candidates.length,
      drawn: changed.sample.length,
      list: sha256(bytes).toString("hex"),
      ...changes,
      draw: randomUUID(),
    };
    this.evidence.appendMedia(pending, [bytes]);
    return this.faults();
  }

  /** Of the last draw. */
  faults(): string[] {
    const draw = readDraws(this.reader).at(-1);
    assert.ok(draw !== undefined);
    return verifyDraw(this.reader, [WITNESS_KEY], draw).faults;
  }

  rootAt(size: number): string {
    return this.reader.root(size).toString("hex");
  }

  /** Candidates and sample as the rule gives them for another seed. */
  listUnder(size: number, line: string): (list: DrawList) => DrawList {
    return ({ from_seq }) => {
      const { dev } = this.reader;
      const candidates = this.reader.inspections.begunWithin("recordings", from_seq, size);
      const seed = seedOf(checkpointText({ dev, size, root: this.reader.root(size) }), line);
      const sample = drawSample(seed, candidates, Math.ceil(candidates.length / 4));
      return { v: 1, of: "recordings", from_seq, to_seq: size, candidates, sample };
    };
  }
}

test("the honest draw holds: without this, that the others are caught would say nothing", (t) => {
  const office = new CrookedOffice(t);
  assert.deepEqual(office.sign({}), []);
});

test("a dropped candidate is caught, although counts and digest agree with it", (t) => {
  const office = new CrookedOffice(t);
  const drop = (list: DrawList): DrawList => {
    const [unwanted] = list.sample;
    const left = (ids: readonly string[]) => ids.filter((id) => id !== unwanted);
    return { ...list, candidates: left(list.candidates), sample: left(list.sample) };
  };
  assert.deepEqual(office.sign({}, drop), ["list-differs", "counts-differ"]);
});

test("a swapped item is caught, although all counts are right", (t) => {
  const office = new CrookedOffice(t);
  const swap = (list: DrawList): DrawList => {
    const spared = list.candidates.find((id) => !list.sample.includes(id)) ?? "";
    return { ...list, sample: [...list.sample.slice(1), spared] };
  };
  assert.deepEqual(office.sign({}, swap), ["list-differs"]);
});

test("a later seed, honestly cosigned, is not the first", (t) => {
  const office = new CrookedOffice(t);
  const { laterSize: to_seq, laterLine: cosignature } = office;
  const changes = { to_seq, root: office.rootAt(to_seq), cosignature };
  assert.deepEqual(office.sign(changes, office.listUnder(to_seq, cosignature)), ["seed-not-first"]);
});

test("a seed that no trusted witness signed is none, nor one from before the period's end", (t) => {
  const office = new CrookedOffice(t);
  const { seedSize: size } = office;
  const own = TestKey.named("attacker.example/witness");
  const checkpoint = { dev: office.reader.dev, size, root: office.reader.root(size) };
  for (const name of [own.name, WITNESS_KEY.name]) {
    const cosignature = cosign(checkpoint, Math.floor(office.toMs / 1000) + 1, name, own.signer);
    const faults = office.sign({ cosignature }, office.listUnder(size, cosignature));
    assert.deepEqual([faults[0], faults.includes("seed-not-cosigned")], ["seed-not-first", true]);
  }
  assert.ok(office.sign({ cosignature: "no line at all" }).includes("seed-not-cosigned"));
  // the period is said to be longer than it was, so that a seed known beforehand would do
  const early = office.sign({ to_ms: office.nowMs + HOUR });
  assert.ok(early.includes("seed-too-early"), early.join());
});

test("candidates that begin elsewhere, another root and a repeat that is not said are caught", (t) => {
  const office = new CrookedOffice(t);
  const { from_seq } = office.honest().body;
  assert.ok(office.sign({ from_seq: from_seq + 5 }).includes("bounds-differ"));
  assert.ok(office.sign({ root: "00".repeat(32) }).includes("seed-of-other-ledger"));
  assert.ok(office.sign({}).includes("repeat-unsaid"));
});

test("a cosignature that the recorder hid from its own ledger shows in the receiver's copy", (t) => {
  const office = new Office(t);
  const { fromMs, toMs } = office.month();
  office.device.clock.advance(1000);
  // the witness keeps this line; the recorder did not like the seed, and asks again later
  const hidden = office.askWitness();
  office.record(1);
  office.cosign();
  const wish = { of: "recordings", fromMs, toMs, rateN: 1, rateD: 4, atLeast: null } as const;
  const made = makeDraw(office.reader, [WITNESS_KEY], wish);
  assert.ok(made !== null);
  office.evidence.appendMedia({ ...made.body, draw: randomUUID() }, [listBytes(made.list)]);
  const [draw] = readDraws(office.reader);
  assert.ok(draw !== undefined);
  assert.deepEqual(verifyDraw(office.reader, [WITNESS_KEY], draw).faults, []);
  office.evidence.custody.addCosignatures(hidden.size, [hidden.line]);
  assert.deepEqual(verifyDraw(office.reader, [WITNESS_KEY], draw).faults, ["seed-not-first"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AgentError } from "../../../config/base/errors.ts";
import { ChainChecker } from "../../../crypto/proof/chain-checker.ts";
import type { EvidenceRow } from "../../support/ledger/evidence.ts";
import { recording } from "../../support/ledger/scenes.ts";

fc.configureGlobal({ seed: 42 });

const { entries } = recording(10);

/** Seq of the first entry that is refused, by a rule or by its signatures; null if none is. */
function firstRefused(rows: readonly Pick<EvidenceRow, "body" | "sigs">[]): number | null {
  const chain = new ChainChecker();
  for (const [seq, row] of rows.entries()) {
    try {
      const checked = chain.check(row);
      if (!checked.signatures().every(({ key, message, signature }) => key.verify(message, signature)))
        return seq;
      chain.accept(checked);
    } catch (error) {
      assert.ok(error instanceof AgentError, String(error));
      return seq;
    }
  }
  return null;
}

test("control: an honest chain is taken whole", () => assert.equal(firstRefused(entries), null));

test("a byte changed anywhere in a body or in its signatures is refused at that entry", () => {
  const anywhere = fc.record({
    seq: fc.nat({ max: entries.length - 1 }),
    field: fc.constantFrom("body" as const, "sigs" as const),
    place: fc.nat(),
    mask: fc.integer({ min: 1, max: 127 }),
  });
  fc.assert(
    fc.property(anywhere, ({ seq, field, place, mask }) => {
      const rows = entries.map((row) => ({ ...row, body: Buffer.from(row.body) }));
      const row = rows[seq] as EvidenceRow;
      const bytes = field === "body" ? row.body : Buffer.from(row.sigs);
      bytes[place % bytes.length] = (bytes[place % bytes.length] as number) ^ mask;
      if (field === "sigs") row.sigs = bytes.toString();
      assert.equal(firstRefused(rows), seq);
    }),
    { numRuns: 300 },
  );
});

test("no selection or order of an honest chain's entries passes but its beginning", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(entries, { minLength: 1 }), (rows) => {
      const isBeginning = rows.every((row, seq) => row.seq === seq);
      assert.equal(firstRefused(rows) === null, isBeginning);
    }),
  );
});

test("a check leaves no trace: a forged entry does not spoil the genuine one after it", () => {
  const chain = new ChainChecker();
  for (const row of entries) {
    const forged = { ...row, body: Buffer.from(row.body.toString().replace('"v":1', '"v":2')) };
    assert.throws(() => chain.check(forged), AgentError);
    chain.accept(chain.check(row));
  }
  assert.equal(chain.state?.size, entries.length);
});

test("goes on from a state that was reached before", () => {
  const first = new ChainChecker();
  for (const row of entries.slice(0, 8)) first.accept(first.check(row));
  const second = new ChainChecker(first.state);
  for (const row of entries.slice(8)) second.accept(second.check(row));
  assert.equal(second.state?.size, entries.length);
});

test("whatever bytes come, the answer is a coded error", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map(Buffer.from),
    fc.json().map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(bytes, fc.oneof(fc.string(), fc.json()), (body, sigs) => {
      assert.throws(() => new ChainChecker().check({ body: Buffer.from(body), sigs }), AgentError);
    }),
  );
});

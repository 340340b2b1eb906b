import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Claim, GAP_STATES, type GapState } from "../../../../agent/records/gaps/gap-types.ts";
import { divide, totalsOf } from "../../../../agent/records/gaps/timeline.ts";

const REST = { state: "unknown", cause: { code: "no-ledger" } } as const;
const SPAN = { fromMs: 10, toMs: 90 };

const claims = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 100 }), fc.nat(60), fc.constantFrom(...GAP_STATES), fc.nat(3)).map(
    ([fromMs, length, state, seq]): Claim => ({
      fromMs,
      toMs: fromMs + length,
      state,
      cause: { code: "gap", seq },
    }),
  ),
  { maxLength: 12 },
);

/** The strongest state that claims one millisecond, by looking at every claim. */
function stateAt(ms: number, all: readonly Claim[]): GapState {
  const there = all.filter(({ fromMs, toMs }) => fromMs <= ms && ms < toMs).map(({ state }) => state);
  return GAP_STATES.find((state) => there.includes(state)) ?? REST.state;
}

test("intervals follow one another, sum to the span, and each millisecond has the strongest state", () => {
  fc.assert(
    fc.property(claims, (all) => {
      const intervals = divide(SPAN, all, REST);
      assert.deepEqual([intervals[0]?.fromMs, intervals.at(-1)?.toMs], [SPAN.fromMs, SPAN.toMs]);
      for (const [at, { fromMs, toMs, state }] of intervals.entries()) {
        assert.ok(fromMs < toMs);
        assert.equal(fromMs, intervals[at - 1]?.toMs ?? SPAN.fromMs);
        for (let ms = fromMs; ms < toMs; ms++) assert.equal(state, stateAt(ms, all));
      }
      const sum = Object.values(totalsOf(intervals)).reduce((total, ms) => total + ms, 0);
      assert.equal(sum, SPAN.toMs - SPAN.fromMs);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test("who explains a loss comes before who only finds it", () => {
  const found = { fromMs: 0, toMs: 100, state: "lost", cause: { code: "no-chunk", seq: 1 } } as const;
  const explained = { fromMs: 20, toMs: 30, state: "lost", cause: { code: "gap", seq: 2 } } as const;
  const intervals = divide(SPAN, [found, explained], REST);
  assert.deepEqual(
    intervals.map(({ fromMs, flagged }) => [fromMs, flagged]),
    [
      [10, true],
      [20, false],
      [30, true],
    ],
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Range, RangeSet } from "../../../crypto/bytes/ranges.ts";

fc.configureGlobal({ seed: 42 });

const MOST = 40;
const range = fc
  .tuple(fc.nat({ max: MOST }), fc.nat({ max: MOST }))
  .map(([a, b]): Range => [Math.min(a, b), Math.max(a, b)]);
const ranges = fc.array(range, { maxLength: 12 });

/** The same as a set of numbers. */
function modelOf(list: readonly Range[]): Set<number> {
  return new Set(list.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i)));
}

test("holds what a set of numbers holds, in any order of adding", () => {
  fc.assert(
    fc.property(ranges, (list) => {
      const [set, model] = [RangeSet.of(list), modelOf(list)];
      assert.equal(set.size, model.size);
      for (let i = 0; i <= MOST; i++) assert.equal(set.has(i), model.has(i), `${i}`);
    }),
  );
});

test("its list is sorted, disjoint and non-adjacent, and read back as it is", () => {
  fc.assert(
    fc.property(ranges, (list) => {
      const set = RangeSet.of(list);
      const written = set.toJSON();
      assert.equal(set.count, written.length);
      for (const [i, [from, to]] of written.entries()) {
        assert.ok(from < to);
        assert.ok(i === 0 || from > (written[i - 1] as Range)[1]);
      }
      assert.deepEqual(RangeSet.parse(JSON.parse(JSON.stringify(written)), MOST).toJSON(), written);
      assert.deepEqual([...set], written);
    }),
  );
});

test("covers and missing agree with a set of numbers", () => {
  fc.assert(
    fc.property(ranges, range, (list, [from, to]) => {
      const [set, model] = [RangeSet.of(list), modelOf(list)];
      const lacking = [...modelOf([[from, to]])].filter((number) => !model.has(number));
      assert.equal(set.covers(from, to), lacking.length === 0);
      assert.deepEqual([...modelOf(set.missing(from, to).toJSON())], lacking);
    }),
  );
});

test("lists from outside that are not in order, or too long, are refused", () => {
  const bad: unknown[] = [
    null,
    {},
    [[0]],
    [[0, 1, 2]],
    [0, 1],
    [[1, 1]],
    [[2, 1]],
    [[-1, 1]],
    [[0, 1.5]],
    [["0", 1]],
    [
      [0, 2],
      [1, 3],
    ],
    [
      [0, 2],
      [2, 3],
    ],
    [
      [5, 6],
      [0, 1],
    ],
    [[0, 2 ** 53]],
    [
      [0, 1],
      [2, 3],
      [4, 5],
    ],
  ];
  for (const list of bad)
    assert.throws(() => RangeSet.parse(list, 2), { code: "bad-ranges" }, JSON.stringify(list));
  assert.deepEqual(
    RangeSet.parse(
      [
        [0, 1],
        [2, 3],
      ],
      2,
    ).toJSON(),
    [
      [0, 1],
      [2, 3],
    ],
  );
});

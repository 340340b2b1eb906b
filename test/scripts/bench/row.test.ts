import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judge, type Measurement, table } from "../../../scripts/bench/measure/row.ts";
import { median } from "../../../scripts/bench/measure/timing.ts";

const measured = (change: Partial<Measurement>): Measurement => ({
  name: "append",
  value: 12,
  unit: "ms",
  yardstick: 10,
  goal: { atMost: 1.2 },
  ...change,
});

describe("a row of the benchmark", () => {
  it("has exactly the fields that --json promises", () => {
    assert.deepEqual(judge(measured({})), {
      name: "append",
      value: 12,
      unit: "ms",
      yardstick: 10,
      ratio: 1.2,
      goal: "<= 1.2",
      met: true,
    });
  });

  for (const [what, change, met] of [
    ["at a goal's upper bound", { value: 12 }, true],
    ["above it", { value: 12.01 }, false],
    ["above it by less than is printed", { value: 12.0001 }, false],
    ["at a goal's lower bound", { value: 16, goal: { atLeast: 1.6 } }, true],
    ["below it", { value: 15.9, goal: { atLeast: 1.6 } }, false],
    ["without a figure", { value: Number.NaN }, false],
  ] as const) {
    it(`is ${met ? "met" : "not met"} ${what}`, () => assert.equal(judge(measured(change)).met, met));
  }

  it("stands in a column with the others", () => {
    const lines = table([judge(measured({})), judge(measured({ name: "a", value: 2.71549 }))]).split("\n");
    assert.deepEqual(lines, [
      "what    value  yardstick  unit   ratio  goal    met",
      "------  -----  ---------  ----  ------  ------  ---",
      "append     12         10  ms       1.2  <= 1.2  yes",
      "a       2.715         10  ms    0.2715  <= 1.2  yes",
    ]);
  });
});

describe("the median", () => {
  it("is the middle value, of an even number the lower", () => {
    assert.equal(median([5, 1, 9]), 5);
    assert.equal(median([4, 1, 3, 2]), 2);
  });

  it("of nothing is an error", () => assert.throws(() => median([]), RangeError));
});

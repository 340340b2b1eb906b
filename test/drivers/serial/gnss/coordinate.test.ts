import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { latitudeE7, longitudeE7 } from "../../../../drivers/serial/gnss/coordinate.ts";

/** The same in halves of a unit, by rational numbers and in another way. */
function exactE7(degrees: number, minutes: number, decimals: string): number {
  const scale = 10n ** BigInt(decimals.length);
  const scaledMinutes = BigInt(minutes) * scale + BigInt(decimals === "" ? 0 : decimals);
  const numerator = BigInt(degrees) * 60n * scale + scaledMinutes;
  return Number((numerator * 10_000_000n * 2n + 60n * scale) / (2n * 60n * scale));
}

test("coordinates are whole numbers of 10^-7 degrees on all four sides of the globe", () => {
  assert.equal(latitudeE7("3954.26204", "N"), 399_043_673);
  assert.equal(longitudeE7("11623.51270", "E"), 1_163_918_783);
  assert.equal(latitudeE7("3351.5000", "S"), -338_583_333);
  assert.equal(longitudeE7("07038.7500", "W"), -706_458_333);
  assert.equal(latitudeE7("9000.0000", "N"), 900_000_000);
  assert.equal(longitudeE7("18000.000", "W"), -1_800_000_000);
  assert.equal(longitudeE7("00000", "E"), 0);
});

test("halves are rounded away from zero, and there is no -0", () => {
  // 0.000003 minutes are half of a unit
  assert.equal(latitudeE7("0000.000003", "N"), 1);
  assert.equal(latitudeE7("0000.000003", "S"), -1);
  assert.ok(Object.is(latitudeE7("0000.0000", "S"), 0));
});

test("what is no coordinate is null", () => {
  for (const [value, side] of [
    ["", "N"],
    ["3954.26204", ""],
    ["3954.26204", "E"],
    ["3954.26204", "constructor"],
    ["3960.0", "N"],
    ["9000.0001", "N"],
    ["954.2", "N"],
    ["-3954.2", "N"],
    ["3954.2e3", "N"],
    ["3954.0123456789", "N"],
    ["39 4.2", "N"],
  ] as const)
    assert.equal(latitudeE7(value, side), null, `${value} ${side}`);
  assert.equal(longitudeE7("18000.0001", "E"), null);
  assert.equal(longitudeE7("3954.26204", "E"), null);
});

test("any minutes and decimals give the exact value", () => {
  const decimals = fc
    .array(fc.integer({ min: 0, max: 9 }), { maxLength: 9 })
    .map((digits) => digits.join(""));
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 179 }),
      fc.integer({ min: 0, max: 59 }),
      decimals,
      fc.constantFrom("E", "W"),
      (degrees, minutes, tail, side) => {
        const text = `${String(degrees).padStart(3, "0")}${String(minutes).padStart(2, "0")}.${tail}`;
        const expected = exactE7(degrees, minutes, tail);
        const signed = side === "W" && expected !== 0 ? -expected : expected;
        assert.equal(longitudeE7(text, side), signed);
      },
    ),
  );
});

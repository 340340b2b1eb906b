import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { OBSTACLES, obstaclesTo, type Standing } from "../../../../agent/update/rules/gate.ts";
import { compareVersions, isVersion } from "../../../../agent/update/rules/version.ts";

const FREE: Standing = { recording: false, powered: true, batteryPct: 80, receipted: true };

describe("the gate of updates", () => {
  it("is open for a unit that is docked, charged, idle and has handed everything over", () => {
    assert.deepEqual(obstaclesTo(FREE, 50), []);
  });

  it("tells each thing that is in the way, and all of them together", () => {
    const one = (change: Partial<Standing>) => obstaclesTo({ ...FREE, ...change }, 50);
    assert.deepEqual(one({ recording: true }), ["recording"]);
    assert.deepEqual(one({ powered: false }), ["not-docked"]);
    assert.deepEqual(one({ powered: null }), ["not-docked"]);
    assert.deepEqual(one({ batteryPct: null }), ["battery-unknown"]);
    assert.deepEqual(one({ batteryPct: 49 }), ["battery-low"]);
    assert.deepEqual(one({ receipted: false }), ["evidence-at-risk"]);
    const worst = { recording: true, powered: false, batteryPct: 3, receipted: false };
    assert.deepEqual(obstaclesTo(worst, 50), ["recording", "not-docked", "battery-low", "evidence-at-risk"]);
  });

  it("is never open while evidence is at risk or something is recorded, whatever else", () => {
    const standing = fc.record({
      recording: fc.boolean(),
      powered: fc.option(fc.boolean()),
      batteryPct: fc.option(fc.integer({ min: 0, max: 100 })),
      receipted: fc.boolean(),
    });
    fc.assert(
      fc.property(standing, fc.integer({ min: 0, max: 100 }), (how, least) => {
        const found = obstaclesTo(how, least);
        assert.ok(found.every((obstacle) => OBSTACLES.includes(obstacle)));
        if (how.recording || !how.receipted || how.powered !== true) assert.notEqual(found.length, 0);
        else if (how.batteryPct !== null && how.batteryPct >= least) assert.equal(found.length, 0);
      }),
    );
  });
});

describe("versions", () => {
  const part = fc.integer({ min: 0, max: 99_999 });
  const parts = fc.tuple(part, part, part);

  it("are compared number by number", () => {
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const first = one.findIndex((value, i) => value !== other[i]);
        const expected = first === -1 ? 0 : Math.sign((one[first] ?? 0) - (other[first] ?? 0));
        assert.equal(Math.sign(compareVersions(one.join("."), other.join("."))), expected);
      }),
    );
    assert.ok(compareVersions("1.9.0", "1.10.0") < 0);
  });

  it("that are none are older than every version", () => {
    for (const none of ["", "1.2", "v1.2.3", "1.2.3-rc1", "1.2.3.4", "１.2.3", "999999.0.0"]) {
      assert.equal(isVersion(none), false);
      assert.ok(compareVersions(none, "0.0.0") < 0);
    }
  });
});

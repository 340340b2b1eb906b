import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { rackCommand, recorderCommand } from "../../../../drivers/simulator/rack/commands.ts";

describe("lines to a simulated recorder", () => {
  it("are these commands", () => {
    assert.deepEqual(recorderCommand(" unplug-at  500000 "), {
      kind: "cable",
      fault: { kind: "unplug", atByte: 500_000 },
    });
    assert.deepEqual(recorderCommand("stall-at 0"), { kind: "cable", fault: { kind: "stall", atByte: 0 } });
    assert.deepEqual(recorderCommand("noise 10 3"), {
      kind: "cable",
      fault: { kind: "garbage", atByte: 10, count: 3 },
    });
    assert.deepEqual(recorderCommand("slow 20"), { kind: "cable", fault: { kind: "delay", delayMs: 20 } });
    assert.deepEqual(recorderCommand("lie -5"), { kind: "fault", fault: { kind: "lie", bytes: -5 } });
    assert.deepEqual(recorderCommand("clock -7200"), { kind: "clock", errorMs: -7_200_000 });
    assert.deepEqual(recorderCommand("replug"), { kind: "replug", port: null });
    assert.deepEqual(recorderCommand("replug 1-1.4"), { kind: "replug", port: "1-1.4" });
    const refused = [
      "unplug 1",
      "unplug-at",
      "unplug-at -1",
      "noise 1",
      "noise 1 0",
      "battery 101",
      "slow 1e3",
    ];
    for (const line of [...refused, "silent on", "noise 1 2 3", "", "dance"])
      assert.equal(recorderCommand(line), null, line);
  });

  it("go to one of a rack by its number", () => {
    assert.deepEqual(rackCommand("take 3", 3), {
      kind: "recorder",
      number: 3,
      command: { kind: "unplug" },
    });
    assert.deepEqual(rackCommand("put 3 1-1.7", 3), {
      kind: "recorder",
      number: 3,
      command: { kind: "replug", port: "1-1.7" },
    });
    assert.deepEqual(rackCommand("2 battery 50", 3), {
      kind: "recorder",
      number: 2,
      command: { kind: "battery", percent: 50 },
    });
    for (const line of [
      "take 4",
      "take 0",
      "take 1 2",
      "put 1 2 3",
      "4 heal",
      "1 quit",
      "1",
      "heal",
      "list 1",
    ])
      assert.equal(rackCommand(line, 3), null, line);
  });

  it("may say anything", () => {
    const word = fc.constantFrom(
      "take",
      "put",
      "1",
      "2",
      "noise",
      "unplug-at",
      "-1",
      "9e9",
      "lie",
      "__proto__",
      "执",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(" ")),
        ),
        (line) => {
          rackCommand(line, 2);
          recorderCommand(line);
        },
      ),
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { boardCommand, carryOut } from "../../../../drivers/simulator/board/commands.ts";
import { virtualRig } from "../../../support/board-rig.ts";

describe("commands to a simulated board", () => {
  for (const [line, command] of [
    ["press record", { kind: "press", button: "record", press: "short" }],
    ["  press photo   long ", { kind: "press", button: "photo", press: "long" }],
    ["battery 12", { kind: "battery", battery: { percent: 12, milliVolts: 3_800, charging: "no" } }],
    [
      "battery ? 3300 full",
      { kind: "battery", battery: { percent: null, milliVolts: 3_300, charging: "full" } },
    ],
    ["temperature -10.5", { kind: "temperature", tenthsC: -105 }],
    ["power-off 5", { kind: "power-off", secondsLeft: 5, reason: "switch" }],
    ["clock -3600", { kind: "clock", offsetMs: -3_600_000, valid: true }],
    ["clock invalid", { kind: "clock", offsetMs: 0, valid: false }],
    ["noise", { kind: "noise", bytes: 64 }],
    ["noise on", { kind: "noise-always", on: true }],
    ["corrupt 3", { kind: "fault", fault: "wrongChecksums", frames: 3 }],
    ["lose", { kind: "fault", fault: "lostAnswers", frames: 1 }],
    ["silent on", { kind: "silent", on: true }],
    ["unplug", { kind: "unplug" }],
  ] as const) {
    it(`"${line}"`, () => assert.deepEqual(boardCommand(line), command));
  }

  for (const line of [
    "press",
    "press nose",
    "press record twice",
    "battery",
    "battery 101",
    "battery 5 70000",
    "temperature",
    "temperature 1e9",
    "power-off",
    "power-off -1",
    "clock",
    "noise 99999",
    "silent",
    "unplug now",
    "toString",
    "",
  ]) {
    it(`"${line}" is none`, () => assert.equal(boardCommand(line), null));
  }

  it("no line does harm", () => {
    fc.assert(fc.property(fc.string(), (line) => void boardCommand(line)));
  });

  it("are carried out", async (t) => {
    const { simulated, events, until } = await virtualRig(t);
    await until("connected", () => events.length > 0);
    for (const line of ["noise 20", "temperature 30", "battery 5 3400 yes", "press mark double"]) {
      const command = boardCommand(line);
      assert.ok(command !== null);
      assert.equal(carryOut(simulated, command), "done");
    }
    await until("told", () => events.some(({ kind }) => kind === "button"));
    assert.deepEqual(
      events.map(({ kind }) => kind).filter((kind) => kind !== "noise"),
      ["connected", "temperature", "battery", "button"],
    );
    assert.equal(carryOut(simulated, { kind: "unplug" }), "unplug");
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { carryOut, gnssCommand } from "../../../../drivers/simulator/gnss/commands.ts";
import { SimulatedGnss } from "../../../../drivers/simulator/gnss/simulated-gnss.ts";
import { ManualClock, seededRandom } from "../../../support/surroundings.ts";

describe("commands to a simulated GNSS receiver", () => {
  for (const [line, command] of [
    ["place 30.25 -120.5", { kind: "situation", change: { place: { latitude: 30.25, longitude: -120.5 } } }],
    ["  move  1.5   90 ", { kind: "situation", change: { metresPerSecond: 1.5, course: 90 } }],
    ["move 0", { kind: "situation", change: { metresPerSecond: 0, course: 0 } }],
    ["fix off", { kind: "situation", change: { hasFix: false } }],
    ["hdop 2.5", { kind: "situation", change: { hdop: 2.5 } }],
    ["error 3", { kind: "situation", change: { errorM: 3 } }],
    ["error off", { kind: "situation", change: { errorM: null } }],
    ["clock -3600", { kind: "situation", change: { isDated: true, clockErrorMs: -3_600_000 } }],
    ["clock rollover", { kind: "situation", change: { isDated: true, clockErrorMs: -619_315_200_000 } }],
    ["clock undated", { kind: "situation", change: { isDated: false } }],
    ["noise", { kind: "noise", bytes: 64 }],
    ["noise on", { kind: "noise-always", on: true }],
    ["corrupt 3", { kind: "fault", fault: "wrongChecksums", sentences: 3 }],
    ["cut", { kind: "fault", fault: "cutSentences", sentences: 1 }],
    ["silent off", { kind: "silent", on: false }],
    ["replug", { kind: "replug" }],
  ] as const) {
    it(`"${line}"`, () => assert.deepEqual(gnssCommand(line), command));
  }

  for (const line of [
    "place",
    "place 30",
    "place 91 0",
    "place 0 181",
    "place 1e1 0",
    "move",
    "move -1",
    "move 1 360",
    "move 1 2 3",
    "fix",
    "fix maybe",
    "fix on off",
    "hdop 0",
    "error",
    "clock",
    "clock noon",
    "clock 0 0",
    "noise 99999",
    "noise on 4",
    "corrupt 1 1",
    "silent",
    "quit now",
    "toString",
    "",
  ]) {
    it(`"${line}" is none`, () => assert.equal(gnssCommand(line), null));
  }

  it("no line does harm", () => {
    const gnss = new SimulatedGnss({ clock: new ManualClock(), random: seededRandom("gnss") });
    fc.assert(
      fc.property(fc.string(), (line) => {
        const command = gnssCommand(line);
        if (command !== null) carryOut(gnss, command);
      }),
    );
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  follow,
  type Happening,
  type SignMemory,
  type Situation,
} from "../../../../agent/recorder/board/sign-machine.ts";

const CALM: Situation = {
  recording: "no",
  pictures: true,
  muted: false,
  battery: "good",
  charging: "no",
  nearlyFull: false,
  alarmed: false,
  poweringOff: false,
};

/** A wearer who counts what is felt, second by second. */
class Wearer {
  #memory: SignMemory = {};
  #nowMs = 1_000_000;

  feels(situation: Partial<Situation>, seconds = 1, ...happenings: Happening[]): string[] {
    const felt: string[] = [];
    for (let second = 0; second < seconds; second++) {
      const told = second === 0 ? happenings : [];
      const { memory, touches } = follow(this.#memory, { ...CALM, ...situation }, told, this.#nowMs);
      this.#memory = memory;
      felt.push(...touches.map((touch) => (seconds === 1 ? touch : `${second} ${touch}`)));
      this.#nowMs += 1000;
    }
    return felt;
  }
}

const lampsIn = (situation: Partial<Situation>) => follow({}, { ...CALM, ...situation }, [], 0).lamps;

test("while recording there is a reminder every two minutes, from two minutes on", () => {
  const wearer = new Wearer();
  assert.deepEqual(wearer.feels({ recording: "yes" }, 1, "started"), ["started"]);
  assert.deepEqual(wearer.feels({ recording: "yes" }, 360), ["119 reminder", "239 reminder", "359 reminder"]);
  assert.deepEqual(wearer.feels({ recording: "no" }, 300, "stopped"), ["0 stopped"]);
  // a new recording counts from its own beginning
  assert.deepEqual(wearer.feels({ recording: "yes" }, 130), ["120 reminder"]);
});

test("not recording although it should is felt after 3 s and every 30 s, and not if it lasts shorter", () => {
  const wearer = new Wearer();
  assert.deepEqual(wearer.feels({ recording: "wanted" }, 3), []);
  assert.deepEqual(wearer.feels({ recording: "yes" }, 10), []);
  assert.deepEqual(wearer.feels({ recording: "wanted" }, 64), [
    "3 not-recording",
    "33 not-recording",
    "63 not-recording",
  ]);
});

test("a low battery is felt at once and every five minutes, a critical one every minute, neither while charging", () => {
  const wearer = new Wearer();
  assert.deepEqual(wearer.feels({ battery: "low" }, 301), ["0 battery-low", "300 battery-low"]);
  assert.deepEqual(wearer.feels({ battery: "critical" }, 61), ["0 battery-critical", "60 battery-critical"]);
  assert.deepEqual(wearer.feels({ battery: "critical", charging: "yes" }, 120), []);
});

test("a card that is nearly full is felt at once and every ten minutes, the end of the power once", () => {
  const wearer = new Wearer();
  assert.deepEqual(wearer.feels({ nearlyFull: true }, 601), ["0 nearly-full", "600 nearly-full"]);
  assert.deepEqual(wearer.feels({ poweringOff: true }, 120), ["0 powering-off"]);
});

test("of several at once the most urgent comes first", () => {
  const felt = new Wearer().feels(
    { battery: "low", nearlyFull: true, poweringOff: true },
    1,
    "photo",
    "stopped",
  );
  assert.deepEqual(felt, ["powering-off", "stopped", "photo", "battery-low", "nearly-full"]);
});

test("the first lamp tells of the recording, before all else", () => {
  const shown: [Partial<Situation>, string][] = [
    [{}, "ready"],
    [{ pictures: false }, "no-picture"],
    [{ alarmed: true, pictures: false }, "alarm"],
    [{ recording: "yes", alarmed: true }, "recording"],
    [{ recording: "yes", muted: true }, "recording-muted"],
    [{ recording: "ending", muted: true }, "ending"],
    [{ recording: "wanted", alarmed: true }, "not-recording"],
    [{ recording: "yes", poweringOff: true }, "powering-off"],
  ];
  for (const [situation, sign] of shown) assert.equal(lampsIn(situation).recording, sign);
});

test("the second lamp tells of battery and card", () => {
  const shown: [Partial<Situation>, string][] = [
    [{}, "well"],
    [{ battery: "unknown" }, "well"],
    [{ battery: "low", nearlyFull: true }, "battery-low"],
    [{ battery: "critical" }, "battery-critical"],
    [{ nearlyFull: true }, "nearly-full"],
    [{ battery: "low", charging: "yes" }, "charging"],
    [{ charging: "full" }, "charged"],
    [{ charging: "full", nearlyFull: true }, "nearly-full"],
  ];
  for (const [situation, sign] of shown) assert.equal(lampsIn(situation).device, sign);
});

test("whatever happens, memory holds only what lasts, and a recording is never without its lamp", () => {
  const situations = fc.record<Situation>({
    recording: fc.constantFrom("no", "wanted", "yes", "ending"),
    pictures: fc.boolean(),
    muted: fc.boolean(),
    battery: fc.constantFrom("unknown", "good", "low", "critical"),
    charging: fc.constantFrom("no", "yes", "full"),
    nearlyFull: fc.boolean(),
    alarmed: fc.boolean(),
    poweringOff: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(situations, { maxLength: 50 }), (days) => {
      let memory: SignMemory = {};
      for (const [index, situation] of days.entries()) {
        const signs = follow(memory, situation, [], index * 1000);
        memory = signs.memory;
        assert.ok(Object.keys(memory).length <= 6);
        assert.equal(new Set(signs.touches).size, signs.touches.length);
        if (situation.recording === "yes" && !situation.poweringOff) {
          assert.match(signs.lamps.recording, /^recording/);
        }
      }
    }),
  );
});

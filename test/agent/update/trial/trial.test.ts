import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Slot, SlotName } from "../../../../agent/update/rauc/told.ts";
import { HEALTH_CHECKS, type HealthCheck } from "../../../../agent/update/trial/health.ts";
import { settleTrial, type TrialEnd } from "../../../../agent/update/trial/trial.ts";
import { type Trial, TrialBook } from "../../../../agent/update/trial/trial-book.ts";
import type { UpdateStep } from "../../../../crypto/entry/ledger-types.ts";
import { ManualClock, temporaryDirectory } from "../../../support/surroundings.ts";

const TRIAL_MS = 60_000;
const TRIAL: Trial = { version: "1.1.0", from: "A" };

/** A unit that has started in slot `booted`, with `trial` in its book, and with what is wrong with it. */
class Start {
  readonly book: TrialBook;
  readonly clock = new ManualClock();
  readonly wrong: Set<HealthCheck>;
  readonly did: string[] = [];
  readonly written: UpdateStep[] = [];
  recording = false;
  end: TrialEnd | null = null;

  constructor(
    t: TestContext,
    booted: SlotName,
    trial: Trial | "unreadable" | null,
    wrong: HealthCheck[] = [],
    other = "1.1.0",
  ) {
    const folder = temporaryDirectory(t);
    if (trial !== null) new TrialBook(folder).begin(trial === "unreadable" ? TRIAL : trial);
    if (trial === "unreadable") writeFileSync(join(folder, "update/trial.json"), "{");
    this.book = new TrialBook(folder);
    this.wrong = new Set(wrong);
    const slots = (["A", "B"] as const).map(
      (name): Slot => ({
        name,
        booted: name === booted,
        good: true,
        holds: name === booted ? null : { compatible: "test", version: other, minimumVersion: other },
      }),
    );
    const parts = {
      book: this.book,
      health: {
        camera: () => !this.wrong.has("camera"),
        ledger: async () => {
          if (this.wrong.has("ledger")) throw new Error("no answer");
          return true;
        },
        receiver: () => !this.wrong.has("receiver"),
      },
      good: async () => void this.did.push("good"),
      restart: async () => void this.did.push("restart"),
      isRecording: () => this.recording,
      write: async (step: UpdateStep) => void this.written.push(step),
      clock: this.clock,
      trialMs: TRIAL_MS,
    };
    const version = booted === "B" ? "1.1.0" : "1.0.0";
    void settleTrial({ slots, version }, parts, new AbortController().signal).then((end) => {
      this.end = end;
    });
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms && this.end === null; passed += 1_000) {
      await turn();
      await turn();
      this.clock.advance(1_000);
    }
    await turn();
  }
}

test("a version that was well before is well at once, whatever is wrong today", async (t) => {
  const start = new Start(t, "A", null, [...HEALTH_CHECKS]);
  await start.pass(1_000);
  assert.equal(start.end, "no-trial");
  assert.deepEqual(start.did, ["good"]);
  assert.deepEqual(start.written, []);
});

test("a new version is good once camera, ledger and receiver are there, and that is signed first", async (t) => {
  const start = new Start(t, "B", TRIAL, ["camera", "receiver"]);
  await start.pass(20_000);
  assert.equal(start.end, null);
  start.wrong.delete("camera");
  await start.pass(20_000);
  assert.equal(start.end, null);
  start.wrong.delete("receiver");
  await start.pass(5_000);
  assert.equal(start.end, "good");
  assert.deepEqual(start.did, ["good"]);
  assert.deepEqual(start.written, [{ type: "device.update", state: "good", version: "1.1.0" }]);
  assert.equal(start.book.read(), null);
});

for (const check of HEALTH_CHECKS)
  test(`a new version without its ${check} starts the unit anew when its time is over, still on trial`, async (t) => {
    const start = new Start(t, "B", TRIAL, [check]);
    await start.pass(TRIAL_MS - 3_000);
    assert.deepEqual(start.did, []);
    await start.pass(10_000);
    assert.equal(start.end, "failed");
    assert.deepEqual(start.did, ["restart"]);
    assert.deepEqual(start.written, [
      { type: "device.update", state: "failed", version: "1.1.0", failing: [check] },
    ]);
    assert.deepEqual(start.book.read(), TRIAL);
  });

test("a recording is never ended for that", async (t) => {
  const start = new Start(t, "B", TRIAL, ["receiver"]);
  start.recording = true;
  await start.pass(10 * TRIAL_MS);
  assert.deepEqual(start.did, []);
  start.recording = false;
  await start.pass(10_000);
  assert.deepEqual(start.did, ["restart"]);
});

test("a unit that runs from its old slot again has fallen back, says so, and goes on", async (t) => {
  const start = new Start(t, "A", TRIAL);
  await start.pass(1_000);
  assert.equal(start.end, "fell-back");
  assert.deepEqual(start.did, ["good"]);
  assert.deepEqual(start.written, [
    { type: "device.update", state: "fell-back", version: "1.1.0", from: "1.0.0" },
  ]);
  assert.equal(start.book.read(), null);
});

test("an installation that was cut off is told as what it is, and is no fall-back", async (t) => {
  const start = new Start(t, "A", TRIAL, [], "0.9.0");
  await start.pass(1_000);
  assert.equal(start.end, "cut-off");
  assert.deepEqual(start.did, ["good"]);
  assert.deepEqual(start.written, [
    { type: "device.update", state: "refused", version: "1.1.0", reason: "cut-off" },
  ]);
  assert.equal(start.book.read(), null);
});

test("a trial whose record is lost must still show that the unit is well, and never restarts it", async (t) => {
  const start = new Start(t, "B", "unreadable", ["camera"]);
  await start.pass(10 * TRIAL_MS);
  assert.deepEqual(start.did, []);
  start.wrong.delete("camera");
  await start.pass(5_000);
  assert.deepEqual(start.did, ["good"]);
  assert.equal(start.book.read(), null);
});

test("what cannot be read in the book is a trial of nobody knows what", (t) => {
  const folder = temporaryDirectory(t);
  const book = new TrialBook(folder);
  assert.equal(book.read(), null);
  book.begin(TRIAL);
  assert.deepEqual(new TrialBook(folder).read(), TRIAL);
  const file = join(folder, "update/trial.json");
  for (const text of [
    "",
    "{",
    '{"version":"1","from":"A"}',
    readFileSync(file, "utf8").replace('"A"', '"C"'),
  ]) {
    writeFileSync(file, text);
    assert.deepEqual(book.read(), { version: null, from: null });
  }
});

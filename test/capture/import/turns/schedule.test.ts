import assert from "node:assert/strict";
import { test } from "node:test";
import { Preferences } from "../../../../capture/import/turns/preferences.ts";
import { Schedule, type Turn } from "../../../../capture/import/turns/schedule.ts";

/** A thread that ends its steps when it is told to, in the order it got them. */
class Desk {
  readonly preferences = new Preferences();
  readonly schedule: Schedule;
  /** Who was given a turn, in order. */
  readonly given: string[] = [];
  readonly #running: (() => void)[] = [];

  constructor(threads = 1) {
    this.schedule = new Schedule(threads, this.preferences);
  }

  add(serial: string, path: string, steps: number, thread = 0): Turn {
    let left = steps;
    const turn: Turn = {
      serial,
      path,
      thread,
      canStep: () => left > 0,
      step: () => {
        left--;
        this.given.push(`${serial}/${path}`);
        return new Promise((resolve) => this.#running.push(resolve));
      },
    };
    this.schedule.add(turn);
    return turn;
  }

  /** Ends the oldest step. */
  async end(): Promise<void> {
    this.#running.shift()?.();
    await new Promise(setImmediate);
  }

  async endAll(): Promise<void> {
    while (this.#running.length > 0) await this.end();
  }
}

test("recorders share a thread chunk by chunk, however many files each of them has", async () => {
  const desk = new Desk();
  for (const path of ["1", "2", "3", "4"]) desk.add("a", path, 100);
  desk.add("b", "1", 100);
  desk.add("c", "1", 100);
  for (let step = 0; step < 90; step++) await desk.end();
  const turnsOf = (serial: string) => desk.given.filter((turn) => turn.startsWith(serial)).length;
  assert.ok(Math.abs(turnsOf("b") - turnsOf("c")) <= 1, `${turnsOf("b")} and ${turnsOf("c")}`);
  assert.ok(Math.abs(turnsOf("a") - turnsOf("b")) <= 4, `${turnsOf("a")} and ${turnsOf("b")}`);
  const filesOfA = ["1", "2", "3", "4"].map(
    (path) => desk.given.filter((turn) => turn === `a/${path}`).length,
  );
  assert.ok(Math.max(...filesOfA) - Math.min(...filesOfA) <= 5, filesOfA.join());
});

test("a newcomer catches up a few turns and then has its share: the past does not count", async () => {
  const desk = new Desk();
  desk.add("old", "1", 1000);
  for (let step = 0; step < 500; step++) await desk.end();
  const before = desk.given.length;
  desk.add("new", "1", 1000);
  for (let step = 0; step < 40; step++) await desk.end();
  const share = desk.given.slice(before).filter((turn) => turn.startsWith("new")).length;
  assert.ok(share >= 20 && share <= 24, `${share} of 40`);
});

test("a recorder with many small files has no more turns than one with a large one", async () => {
  const desk = new Desk();
  desk.add("large", "1", 1000);
  let small = desk.add("small", "0", 2);
  for (let n = 1; n < 40; n++) {
    for (let step = 0; step < 6; step++) await desk.end();
    desk.schedule.remove(small);
    small = desk.add("small", `${n}`, 2);
  }
  const ofSmall = desk.given.filter((turn) => turn.startsWith("small")).length;
  assert.ok(ofSmall <= desk.given.length / 2 + 4, `${ofSmall} of ${desk.given.length}`);
  assert.ok(ofSmall >= 70, `${ofSmall} of 80`);
});

test("what is preferred has every turn until it ends, the last that was preferred first", async () => {
  const desk = new Desk();
  for (const serial of ["a", "b", "c"]) for (const path of ["1", "2"]) desk.add(serial, path, 10);
  desk.preferences.prefer({ serial: "c" });
  desk.preferences.prefer({ serial: "b", path: "2" });
  desk.schedule.pump();
  const before = desk.given.length;
  await desk.endAll();
  const order = desk.given.slice(before);
  const marked = order.filter((turn) => turn === "b/2").length;
  assert.deepEqual(new Set(order.slice(0, marked)), new Set(["b/2"]));
  const ofC = order.filter((turn) => turn.startsWith("c")).length;
  assert.deepEqual(new Set(order.slice(marked, marked + ofC)), new Set(["c/1", "c/2"]));
  assert.equal(desk.given.length, 60);
});

test("a preference that is taken back counts no more", async () => {
  const desk = new Desk();
  desk.preferences.prefer({ serial: "a" });
  desk.preferences.forget({ serial: "a" });
  desk.add("a", "1", 50);
  desk.add("b", "1", 50);
  for (let step = 0; step < 40; step++) await desk.end();
  assert.ok(desk.given.filter((turn) => turn === "b/1").length >= 18);
});

test("a thread has few steps at once, and each thread its own files", async () => {
  const desk = new Desk(2);
  desk.add("a", "1", 100, 0);
  assert.equal(desk.given.length, 4);
  desk.add("b", "1", 100, 1);
  assert.equal(desk.given.length, 8);
});

test("what was taken out gets no turn", async () => {
  const desk = new Desk();
  const turn = desk.add("a", "1", 100);
  desk.schedule.remove(turn);
  await desk.endAll();
  assert.equal(desk.given.length, 4);
});

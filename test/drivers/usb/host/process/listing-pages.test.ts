import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Listed } from "../../../../../drivers/recorders/recorder-driver.ts";
import { OpenRecorder } from "../../../../../drivers/usb/host/process/open-recorder.ts";
import { ScriptedRecorder } from "../../../../support/docking/scripted-recorder.ts";
import { ManualClock } from "../../../../support/surroundings.ts";

const NEVER = new AbortController().signal;
const entry = (path: string): Listed => ({ kind: "file", file: { handle: path, path, bytes: 1 } });

/** A recorder whose listing waits for `tell` before each entry. */
function slowLister(clock: ManualClock) {
  const driver = new ScriptedRecorder(() => clock.utcMs());
  let tell: (path: string | null) => void = () => {};
  const told = () =>
    new Promise<string | null>((resolve) => {
      tell = resolve;
    });
  driver.list = async function* () {
    for (let path = await told(); path !== null; path = await told()) yield entry(path);
  };
  return { driver, tell: (path: string | null) => tell(path) };
}

const settled = () => new Promise(setImmediate);

describe("a page of a listing", () => {
  it("is empty when there is nothing to tell for five seconds, and the next one goes on", async () => {
    const clock = new ManualClock();
    const { driver, tell } = slowLister(clock);
    const recorder = new OpenRecorder(driver, 1, clock);
    const first = recorder.listPage(1, NEVER);
    await settled();
    clock.advance(5_000);
    assert.deepEqual(await first, { listed: [], done: false });
    const second = recorder.listPage(1, NEVER);
    tell("a.mp4");
    await settled();
    tell(null);
    assert.deepEqual(await second, { listed: [entry("a.mp4")], done: true });
  });

  it("tells of a failure that came between two pages", async () => {
    const clock = new ManualClock();
    const { driver } = slowLister(clock);
    let fail: (error: Error) => void = () => {};
    driver.list = async function* () {
      await new Promise((_, reject) => {
        fail = reject;
      });
      yield entry("never");
    };
    const recorder = new OpenRecorder(driver, 1, clock);
    const first = recorder.listPage(1, NEVER);
    await settled();
    clock.advance(5_000);
    await first;
    fail(new Error("torn"));
    await settled();
    await assert.rejects(recorder.listPage(1, NEVER), /torn/);
  });
});

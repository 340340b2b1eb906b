import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import {
  CALLS,
  closed,
  fileAt,
  going,
  MODIFIED_MS,
  NO_FILE,
  PROMPT_MS,
  refuses,
  within,
  withRecorder,
} from "./calls.ts";
import type { CardFile, MakeRecorder, RecorderCheck, RecorderUnderTest } from "./under-test.ts";

const FILE: CardFile = { path: "DCIM/a.mp4", bytes: Buffer.alloc(5_000, 1), modifiedMs: MODIFIED_MS };

/** Runs `use` for each call that the driver declares, with a recorder of its own. */
async function eachCall(
  make: MakeRecorder,
  use: (
    recorder: RecorderUnderTest,
    call: (signal: AbortSignal) => Promise<unknown>,
    what: string,
  ) => Promise<void>,
): Promise<void> {
  for (const { needs, call } of CALLS) {
    await withRecorder(make, [FILE], async (recorder) => {
      const { driver } = recorder;
      if (needs !== null && !driver.capabilities.has(needs)) return;
      const file = driver.capabilities.has("files") ? await fileAt(driver, FILE.path) : NO_FILE;
      await use(recorder, (signal) => call(driver, file, signal), needs ?? "identify");
    });
  }
}

export const endingChecks = {
  "does nothing for a signal that is aborted already": (make) =>
    eachCall(make, async ({ card }, call, what) => {
      const reason = new Error("called off before");
      const calling = within(PROMPT_MS, what, call(AbortSignal.abort(reason)));
      await assert.rejects(calling, (error) => error === reason, what);
      if (card !== undefined) assert.deepEqual(card.bytesOf(FILE.path), FILE.bytes);
    }),

  "ends promptly when it is called off, even if the recorder hangs": (make) =>
    eachCall(make, async ({ driver, hang }, call, what) => {
      if (hang === undefined) return;
      hang();
      const off = new AbortController();
      const reason = new Error("called off");
      const calling = call(off.signal);
      // a driver that knows the answer need not ask
      const outcome = calling.then(
        () => "answered",
        (error: unknown) => error,
      );
      for (let turns = 0; turns < 5; turns++) await turn();
      off.abort(reason);
      const ended = await within(PROMPT_MS, what, outcome);
      assert.ok(ended === "answered" || ended === reason, `${what}: ${String(ended)}`);
      await closed(driver, `close after ${what}`);
    }),

  "closes without an error, as often as one likes, also when the recorder is gone": (make) =>
    withRecorder(make, [], async ({ driver, unplug }) => {
      await within(PROMPT_MS, "close", Promise.all([driver.close(), driver.close()]));
      unplug();
      await closed(driver);
    }),

  "closes after an unplug": (make) =>
    withRecorder(make, [], async ({ driver, unplug }) => {
      unplug();
      await closed(driver);
      await closed(driver);
    }),

  "throws recorder-gone after close": (make) =>
    eachCall(make, async ({ driver, card }, call, what) => {
      await closed(driver);
      await refuses("recorder-gone", what, within(PROMPT_MS, what, call(going())));
      if (card !== undefined) assert.deepEqual(card.bytesOf(FILE.path), FILE.bytes);
    }),
} satisfies Record<string, RecorderCheck>;

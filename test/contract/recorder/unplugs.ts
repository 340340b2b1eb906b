import assert from "node:assert/strict";
import { seededRandom } from "../../support/surroundings.ts";
import {
  ANSWER_MS,
  closed,
  content,
  fileAt,
  going,
  MODIFIED_MS,
  refuses,
  within,
  withRecorder,
} from "./calls.ts";
import { withCard } from "./files.ts";
import type { CardFile, RecorderCheck } from "./under-test.ts";

const FILM: CardFile = {
  path: "DCIM/film.mp4",
  bytes: seededRandom("film").bytes(2_500_000),
  modifiedMs: MODIFIED_MS,
};
const UNPLUGGED_AT = [0, 1, 511, 512, 262_144, 1_000_003, 2_499_999];

export const unplugChecks = {
  "goes on at the byte after an unplug, with every byte before it good": async (make) => {
    for (const unplugAt of UNPLUGGED_AT) {
      await withCard(make, [FILM], async (recorder, card) => {
        const file = await fileAt(recorder.driver, FILM.path);
        const taken: Buffer[] = [];
        card.unplugAfter(unplugAt);
        const reading = content(recorder.driver, file, 0, FILM.bytes.length, going(), taken);
        await refuses("recorder-gone", `unplugged at ${unplugAt}`, within(ANSWER_MS, "read", reading));
        const before = Buffer.concat(taken);
        assert.ok(before.equals(FILM.bytes.subarray(0, before.length)), `bytes before ${unplugAt}`);
        await closed(recorder.driver);

        const again = await recorder.replug();
        try {
          const same = await fileAt(again, FILM.path);
          const rest = await content(again, same, before.length, FILM.bytes.length);
          assert.ok(Buffer.concat([before, rest]).equals(FILM.bytes), `whole after ${unplugAt}`);
        } finally {
          await closed(again);
        }
      });
    }
  },

  "is gone when it is pulled out between two calls, and back when it is plugged in": (make) =>
    withRecorder(make, [], async (recorder) => {
      const { serial } = await recorder.driver.identify(going());
      recorder.unplug();
      await refuses("recorder-gone", "identify", within(ANSWER_MS, "identify", lively(recorder.driver)));
      await closed(recorder.driver);
      const again = await recorder.replug();
      assert.equal((await again.identify(going())).serial, serial);
      await closed(again);
    }),
} satisfies Record<string, RecorderCheck>;

/** Asks something that needs the recorder; who it is may be known from before. */
async function lively(driver: Parameters<typeof content>[0]): Promise<unknown> {
  if (driver.capabilities.has("files")) for await (const _ of driver.list(going())) break;
  if (driver.capabilities.has("battery")) await driver.battery(going());
  return driver.identify(going());
}

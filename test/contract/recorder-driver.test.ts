import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { makeModel } from "../support/recorders/model-recorder.ts";
import { abilityControls } from "./recorder/controls/abilities.ts";
import type { RecorderControl } from "./recorder/controls/control.ts";
import { endingControls } from "./recorder/controls/endings.ts";
import { fileControls } from "./recorder/controls/files.ts";
import { unplugControls } from "./recorder/controls/unplugs.ts";
import {
  hasItsParts,
  RECORDER_CHECKS,
  type RecorderCheckTitle,
  recorderDriverContract,
} from "./recorder-driver.ts";

const CONTROLS: Record<RecorderCheckTitle, readonly RecorderControl[]> = {
  ...abilityControls,
  ...fileControls,
  ...unplugControls,
  ...endingControls,
};
const TITLES = Object.keys(RECORDER_CHECKS) as RecorderCheckTitle[];

recorderDriverContract("a model in memory", makeModel());

for (const title of TITLES) {
  describe(`the check "${title}"`, () => {
    for (const { broken, says, seenToo = [], change } of CONTROLS[title]) {
      it(`catches a driver that ${broken}, and no other check does without a reason`, async () => {
        const caught = new Map<string, unknown>();
        for (const one of TITLES)
          await RECORDER_CHECKS[one](makeModel(change)).catch((error: unknown) => caught.set(one, error));
        assert.match(String(caught.get(title)), says);
        assert.deepEqual([...caught.keys()].sort(), [title, ...seenToo].sort());
      });
    }
  });
}

describe("a simulated recorder", () => {
  const model = makeModel();

  it("is not let in without a card or a clock that can be looked at", async () => {
    const without = (part: "card" | "clockMs") =>
      hasItsParts(async (files) => {
        const { [part]: _, ...rest } = await model(files);
        return rest;
      });
    await assert.rejects(without("card"), /files without a card/);
    await assert.rejects(without("clockMs"), /a clock that no one can read/);
    await hasItsParts(model);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { abilityChecks } from "./recorder/abilities.ts";
import { withRecorder } from "./recorder/calls.ts";
import { endingChecks } from "./recorder/endings.ts";
import { fileChecks } from "./recorder/files.ts";
import type { MakeRecorder, RecorderCheck } from "./recorder/under-test.ts";
import { unplugChecks } from "./recorder/unplugs.ts";

/**
 * What every driver of recorders keeps, whoever made the recorder. A check that needs what a driver does not
 * declare passes at once: that it then throws `unsupported` is a check of its own. `RecorderUnderTest` says what
 * a simulated recorder has to offer.
 */

export const RECORDER_CHECKS = {
  ...abilityChecks,
  ...fileChecks,
  ...unplugChecks,
  ...endingChecks,
} satisfies Record<string, RecorderCheck>;

export type RecorderCheckTitle = keyof typeof RECORDER_CHECKS;

/** Registers every check for the driver called `name`. */
export function recorderDriverContract(name: string, make: MakeRecorder): void {
  describe(`${name} keeps the contract of recorder drivers`, () => {
    for (const [title, check] of Object.entries(RECORDER_CHECKS)) it(title, () => check(make));
    it("has the parts that its capabilities need", () => hasItsParts(make));
  });
}

/** Rejects if a check would pass only for want of something to look at. */
export const hasItsParts: RecorderCheck = (make) =>
  withRecorder(make, [], async ({ driver, card, clockMs }) => {
    if (driver.capabilities.has("files")) assert.ok(card, "files without a card to look at");
    for (const clock of ["clock-read", "clock-set"] as const)
      if (driver.capabilities.has(clock)) assert.ok(clockMs, "a clock that no one can read");
  });

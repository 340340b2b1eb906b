import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { LASTING } from "../../../../agent/recorder/board/sign-machine.ts";
import { LAMP_SIGNS, LAMPS, TOUCH_SIGNS } from "../../../../agent/recorder/board/signs.ts";
import {
  type BuzzerStep,
  type LampStep,
  MAX_STEPS,
  type Pattern,
  type VibrationStep,
} from "../../../../drivers/serial/board/messages/values.ts";
import { lampsPicture, signWords } from "../../../../scripts/pictures/lamps.ts";
import { REPOSITORY } from "../../../support/repository.ts";

const COLOURS: Readonly<Record<string, string>> = {
  "255,0,0": "red",
  "0,255,0": "green",
  "0,0,255": "blue",
  "255,96,0": "amber",
  "255,255,255": "white",
  "0,0,0": "dark",
};

function lampWords({ steps }: Pattern<LampStep>): string {
  const named = steps.map(({ red, green, blue, ms }) => ({ colour: COLOURS[`${red},${green},${blue}`], ms }));
  if (named.length === 0) return "dark";
  if (named.length === 1) return `${named[0]?.colour}, steady`;
  return named.map(({ colour, ms }) => `${colour} ${ms} ms`).join(", ");
}

function vibrationWords({ steps }: Pattern<VibrationStep>): string {
  return steps.map(({ percent, ms }) => (percent === 0 ? `(${ms})` : `${ms}`)).join(" ");
}

function soundWords({ steps }: Pattern<BuzzerStep>): string {
  if (steps.length === 0) return "none";
  return steps.map(({ hertz, ms }) => (hertz === 0 ? `(${ms})` : `${hertz} Hz ${ms}`)).join(" ");
}

function againWords(sign: string): string {
  const lasting = (LASTING as Readonly<Record<string, { afterMs: number; everyMs: number }>>)[sign];
  if (lasting === undefined || sign === "powering-off") return "no";
  const every = `every ${lasting.everyMs / 1000} s`;
  return lasting.afterMs === 0 ? every : `after ${lasting.afterMs / 1000} s, then ${every}`;
}

/** The first cells of the rows of the table that begins with `head`. */
function rows(head: string, cells: number): string[] {
  const page = readFileSync(join(REPOSITORY, "docs/wearer-signs.md"), "utf8");
  const table = page.slice(page.indexOf(head)).split("\n\n")[0] ?? "";
  return table
    .split("\n")
    .slice(2)
    .map((line) => {
      const all = line.split("|").map((cell) => cell.trim());
      const words = all.slice(1 + cells, -1);
      assert.ok(
        words.length === 2 && /[a-z]/.test(words[0] ?? "") && /\p{Script=Han}/u.test(words[1] ?? ""),
        line,
      );
      return all.slice(1, 1 + cells).join(" | ");
    });
}

describe("docs/wearer-signs.md", () => {
  test("has every lamp sign, in the order of its urgency", () => {
    const told = Object.entries(LAMP_SIGNS).map(
      ([sign, { lamp, pattern }]) => `\`${sign}\` | ${LAMPS[lamp] + 1} | ${lampWords(pattern)}`,
    );
    assert.deepEqual(rows("| sign | lamp |", 3), told);
  });

  test("has every touch sign, in the order of its urgency", () => {
    const told = Object.entries(TOUCH_SIGNS).map(
      ([sign, { vibration, buzzer }]) =>
        `\`${sign}\` | ${vibrationWords(vibration)} | ${soundWords(buzzer)} | ${againWords(sign)}`,
    );
    assert.deepEqual(rows("| sign | vibration |", 4), told);
  });
});

test("docs/pictures/lamps.svg shows them: node dist/scripts/pictures/draw.js draws it anew", () => {
  const page = readFileSync(join(REPOSITORY, "docs/wearer-signs.md"), "utf8");
  const drawn = readFileSync(join(REPOSITORY, "docs/pictures/lamps.svg"), "utf8");
  assert.equal(drawn, lampsPicture(signWords(page)));
});

test("no two signs of one lamp look alike, and no two touches feel alike", () => {
  for (const lamp of Object.keys(LAMPS)) {
    const looks = Object.values(LAMP_SIGNS).flatMap((sign) =>
      sign.lamp === lamp ? [lampWords(sign.pattern)] : [],
    );
    assert.equal(new Set(looks).size, looks.length, lamp);
  }
  const feels = Object.values(TOUCH_SIGNS).map(({ vibration }) => vibrationWords(vibration));
  assert.equal(new Set(feels).size, feels.length);
});

test("a board can hold every pattern", () => {
  const patterns = [
    ...Object.values(LAMP_SIGNS).map(({ pattern }) => pattern.steps),
    ...Object.values(TOUCH_SIGNS).flatMap(({ vibration, buzzer }) => [vibration.steps, buzzer.steps]),
  ];
  for (const steps of patterns) {
    assert.ok(steps.length <= MAX_STEPS);
    for (const { ms } of steps) assert.ok(ms >= 10 && ms <= 60_000);
  }
});

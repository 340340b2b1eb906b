import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bayStates } from "../../../agent/cli/text/dock/words.ts";
import { BAY_PATTERNS } from "../../../agent/dock/bays/bay-lamps.ts";
import { type BayState, type BayStateKind, lampOf } from "../../../capture/docking/bay-state.ts";
import { REPOSITORY } from "../../support/repository.ts";

const page = readFileSync(join(REPOSITORY, "docs/dock.md"), "utf8");

/** What the page calls the pattern of a lamp. */
function wordsFor(lamp: keyof typeof BAY_PATTERNS): string {
  const [first, second] = BAY_PATTERNS[lamp].steps;
  if (first === undefined) return "dark";
  const { red, green } = first;
  const colour = red > 0 ? (green > 0 ? "amber" : "red") : green > 0 ? "green" : "blue";
  if (second === undefined) return `${colour}, steady`;
  return `${colour}, ${first.ms <= 200 ? "fast" : first.ms <= 500 ? "blinking" : "slow"}`;
}

test("docs/dock.md shows every state of a bay with the lamp that it has", () => {
  const rows = new Map(
    [...page.matchAll(/^\| `([a-z-]+)` \| ([^|]+) \|/gm)].map(([, state, lamp]) => [state, lamp]),
  );
  for (const kind of Object.keys(bayStates) as BayStateKind[]) {
    assert.equal(rows.get(kind), wordsFor(lampOf({ kind } as BayState)), kind);
  }
  assert.equal(rows.size, Object.keys(bayStates).length);
});

test("only a bay that is ready shows steady green", () => {
  const green = (Object.keys(bayStates) as BayStateKind[]).filter(
    (kind) => wordsFor(lampOf({ kind } as BayState)) === "green, steady",
  );
  assert.deepEqual(green, ["ready"]);
});

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { altered } from "../support/altered.ts";
import { virtualRig } from "../support/board-rig.ts";
import { type BoardCheckTitle, type BoardControl, boardControls } from "./board/controls.ts";
import { BOARD_CHECKS, type BoardRig, connected } from "./control-board.ts";

const TITLES = Object.keys(BOARD_CHECKS) as BoardCheckTitle[];

/** What the check says of a link that is changed; null: it passed. */
async function complaint(t: TestContext, title: BoardCheckTitle, { change }: BoardControl) {
  const rig = await connected(await virtualRig(t));
  return BOARD_CHECKS[title](altered<BoardRig>(rig, change(rig))).then(() => null, String);
}

for (const title of TITLES) {
  describe(`the check "${title}"`, () => {
    for (const control of boardControls[title]) {
      it(`catches a link that ${control.broken}, and no other check does without a reason`, async (t) => {
        assert.match((await complaint(t, title, control)) ?? "passed", control.says);
        for (const other of TITLES) {
          if (other === title) continue;
          const found = await complaint(t, other, control);
          assert.equal(found !== null, control.seenToo?.includes(other) ?? false, `${other}: ${found}`);
        }
      });
    }
  });
}

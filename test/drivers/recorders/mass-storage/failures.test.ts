import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AgentError } from "../../../../config/base/errors.ts";
import { cardFailure } from "../../../../drivers/recorders/mass-storage/failures.ts";
import type { MountedCard } from "../../../../drivers/recorders/mass-storage/mount/card.ts";

const card = (isThere: boolean) => ({ isThere: () => isThere }) as MountedCard;
const systemError = (code: string) => Object.assign(new Error(code), { code });

describe("a system call on a card that failed", () => {
  for (const [errno, code] of [
    ["ENODEV", "recorder-gone"],
    ["ENXIO", "recorder-gone"],
    ["ESTALE", "recorder-gone"],
    ["ENOENT", "file-gone"],
    ["ENOTDIR", "file-gone"],
    ["ELOOP", "file-gone"],
    ["EISDIR", "file-gone"],
    ["EACCES", "recorder-refused"],
    ["EPERM", "recorder-refused"],
    ["EROFS", "recorder-refused"],
    ["EIO", "recorder-answer"],
    ["EUCLEAN", "recorder-answer"],
  ] as const) {
    it(`with ${errno} is ${code} while the card is there`, () => {
      const failure = cardFailure(systemError(errno), "DCIM/a.mp4", card(true));
      assert.deepEqual([failure.code, failure.place], [code, `DCIM/a.mp4: ${errno}`]);
      assert.equal((failure.cause as { code?: string }).code, errno);
    });

    it(`with ${errno} is never file-gone once the card is not there`, () => {
      // a folder that was unmounted is empty: nothing on the card has gone
      assert.equal(cardFailure(systemError(errno), "a.mp4", card(false)).code, "recorder-gone");
    });
  }

  it("says what to do about a card that is locked", () => {
    assert.match(cardFailure(systemError("EROFS"), "a", card(true)).next ?? "", /locked/);
  });

  it("keeps an error that has a code of ours, and tells one that has none", () => {
    const known = new AgentError("file-gone", "a.mp4");
    assert.equal(cardFailure(known, "b.mp4", card(false)), known);
    const odd = cardFailure(new Error("odd"), "a.mp4", card(true));
    assert.deepEqual([odd.code, odd.place], ["recorder-answer", "a.mp4: Error: odd"]);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { claimedPath } from "../../../drivers/recorders/claimed-path.ts";

const MOST_BYTES = 1024;
const letter = fc.constantFrom("a", "/", "录", "\u{20BB7}", "\n", "\u001b", "\ud800", "%");
/** Around the limit, letters of one to four bytes. */
const longName = fc
  .array(letter, { minLength: 1, maxLength: 60 })
  .chain((letters) =>
    fc.nat(900).map((count) => letters.join("").repeat(1 + Math.floor(count / letters.length))),
  );

describe("a claimed path", () => {
  it("is as the card has it, where it is short and readable", () => {
    for (const name of ["DCIM/100MEDIA/a b.mp4", "收件/说明 1.txt", "100%.mp4", "x".repeat(MOST_BYTES)])
      assert.equal(claimedPath(name), name);
  });

  it("has no letter that does something where it is shown or stored", () => {
    assert.equal(claimedPath("a\u001b[2J\n\u0085"), "a%1B[2J%0A%85");
    assert.equal(claimedPath("\ud800.mp4"), "%uD800.mp4");
  });

  it("fits, and is harmless itself, however long the name is", () => {
    fc.assert(
      fc.property(longName, (name) => {
        const claim = claimedPath(name);
        assert.ok(Buffer.byteLength(claim) <= MOST_BYTES, `${Buffer.byteLength(claim)} bytes`);
        assert.doesNotMatch(claim, /[\p{Cc}\p{Cs}\uFFFD]/u);
        assert.equal(claimedPath(claim), claim);
      }),
    );
  });

  it("stays two for two long names that differ at their end only", () => {
    const long = "录/".repeat(400);
    const [one, two] = [claimedPath(`${long}1.mp4`), claimedPath(`${long}2.mp4`)];
    assert.notEqual(one, two);
    assert.match(one, /~[0-9a-f]{16}$/);
    assert.equal(one.slice(0, -16), two.slice(0, -16));
    // the limit cuts a letter of three bytes in two: it is left out
    assert.ok(Buffer.byteLength(one) >= MOST_BYTES - 2);
  });
});

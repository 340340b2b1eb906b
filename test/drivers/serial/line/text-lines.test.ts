import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { TextLines } from "../../../../drivers/serial/line/text-lines.ts";

function reading(mostBytes: number) {
  const lines: string[] = [];
  let discarded = 0;
  const reader = new TextLines(mostBytes, {
    onLine: (line) => lines.push(line),
    onDiscarded: (bytes) => {
      discarded += bytes;
    },
  });
  return {
    push: (text: string) => reader.push(Buffer.from(text, "latin1")),
    lines,
    discarded: () => discarded,
  };
}

describe("text lines", () => {
  it("end in CR, LF or both, and empty ones are none", () => {
    const { push, lines } = reading(82);
    push("$GPGGA,1*00\r\n\r\nbadge 7\nlast\r");
    assert.deepEqual(lines, ["$GPGGA,1*00", "badge 7", "last"]);
  });

  it("that are too long or not printable are discarded whole and counted, and the next one is read", () => {
    const { push, lines, discarded } = reading(8);
    push("12345678\n123456789\nab\u0000cd\nok\n");
    assert.deepEqual(lines, ["12345678", "ok"]);
    assert.equal(discarded(), 9 + 5);
  });

  it("that never end are counted while they come", () => {
    const { push, lines, discarded } = reading(8);
    for (let i = 0; i < 1_000; i++) push("x".repeat(1_000));
    assert.equal(discarded(), 1_000_000);
    push("\nok\n");
    assert.deepEqual(lines, ["ok"]);
  });

  it("come out the same however they are cut", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), fc.nat(), (text, cut) => {
        const whole = reading(16);
        whole.push(text);
        const parts = reading(16);
        const at = cut % (text.length + 1);
        parts.push(text.slice(0, at));
        parts.push(text.slice(at));
        assert.deepEqual([parts.lines, parts.discarded()], [whole.lines, whole.discarded()]);
      }),
    );
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { BoxReader, MAX_BOX_BYTES } from "../../../capture/mp4/box-reader.ts";
import { AgentError } from "../../../config/base/errors.ts";
import { box, fragment, initSegment, pictures, sound, u32, u64 } from "../../support/media/mp4-builder.ts";

interface ReadBox {
  type: string;
  at: number;
  content: string;
}

function read(pieces: readonly Buffer[]): ReadBox[] {
  const reader = new BoxReader();
  return pieces.flatMap((piece) =>
    [...reader.push(piece)].map(({ type, at, bytes, parts }) => {
      const content = Buffer.concat(parts);
      assert.equal(content.length, bytes);
      return { type, at, content: content.toString("hex") };
    }),
  );
}

function bytewise(stream: Buffer): Buffer[] {
  return Array.from(stream, (_, index) => stream.subarray(index, index + 1));
}

function refusal(stream: Buffer): string {
  try {
    read([stream]);
  } catch (error) {
    if (error instanceof AgentError) return error.code;
    throw error;
  }
  return "read";
}

const STREAM = Buffer.concat([
  initSegment(),
  fragment(pictures(0, 480, { key: true }), sound(0, 480)),
  box("mdat"),
  box("mdat", Buffer.alloc(70_000, 7)),
  fragment(sound(480, 500)),
]);

describe("boxes of a stream", () => {
  it("are the same whole, in pieces and byte by byte", () => {
    const whole = read([STREAM]);
    assert.deepEqual(
      whole.map(({ type }) => type),
      ["ftyp", "moov", "moof", "mdat", "mdat", "mdat", "moof", "mdat"],
    );
    assert.equal(whole.map(({ content }) => content).join(""), STREAM.toString("hex"));
    assert.deepEqual(read(bytewise(STREAM)), whole);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30_000 }), { maxLength: 200 }), (sizes) => {
        const pieces: Buffer[] = [];
        let at = 0;
        for (const size of sizes) {
          pieces.push(STREAM.subarray(at, at + size));
          at += size;
        }
        assert.deepEqual(read([...pieces, STREAM.subarray(at)]), whole);
      }),
      { numRuns: 50 },
    );
  });

  it("with a 64-bit size are read too", () => {
    const large = Buffer.concat([u32(1), Buffer.from("mdat"), u64(20n), Buffer.from("four")]);
    assert.deepEqual(read([large]), read(bytewise(large)));
    assert.equal(read([large])[0]?.content, large.toString("hex"));
  });

  it("of an unfinished stream are those that are complete", () => {
    const reader = new BoxReader();
    const torn = STREAM.subarray(0, STREAM.length - 1);
    assert.equal([...reader.push(torn)].length, read([STREAM]).length - 1);
    assert.ok(reader.pendingBytes > 0);
  });
});

describe("a hostile stream", () => {
  const cases: [what: string, stream: Buffer, code: string][] = [
    ["a type that ffmpeg does not write", box("free"), "mp4-box-type"],
    ["text", Buffer.from("HTTP/1.1 404 Not Found"), "mp4-box-type"],
    ["a box without end", Buffer.concat([u32(0), Buffer.from("mdat")]), "mp4-box-endless"],
    ["a box smaller than its header", Buffer.concat([u32(7), Buffer.from("mdat")]), "mp4-box-size"],
    ["a box larger than allowed", Buffer.concat([u32(0x7fffffff), Buffer.from("mdat")]), "mp4-box-size"],
    ["a header larger than allowed", Buffer.concat([u32(0x7fffffff), Buffer.from("moof")]), "mp4-box-size"],
    [
      "a 64-bit size beyond all bounds",
      Buffer.concat([u32(1), Buffer.from("mdat"), u64(2n ** 63n)]),
      "mp4-box-size",
    ],
    [
      "a 64-bit size below its header",
      Buffer.concat([u32(1), Buffer.from("mdat"), u64(15n)]),
      "mp4-box-size",
    ],
    ["nothing wrong: the control", box("mdat", Buffer.from("picture")), "read"],
  ];
  for (const [what, stream, code] of cases) {
    it(`${what}: ${code}`, () => assert.equal(refusal(stream), code));
  }

  it("in crumbs costs no object a byte", () => {
    const reader = new BoxReader();
    const bytes = 200_000;
    const stream = box("mdat", Buffer.alloc(bytes));
    const boxes = bytewise(stream).flatMap((piece) => [...reader.push(piece)]);
    assert.ok((boxes[0]?.parts.length ?? bytes) < 20);
  });

  it("never makes it hold more than one box of the largest size", () => {
    const reader = new BoxReader();
    const largest = MAX_BOX_BYTES["mdat"] as number;
    const piece = Buffer.alloc(1024 * 1024);
    const head = Buffer.concat([u32(largest), Buffer.from("mdat")]);
    assert.equal([...reader.push(head)].length, 0);
    let pushed = head.length;
    let completed = 0;
    while (completed === 0) {
      assert.ok(reader.pendingBytes <= largest);
      const next = piece.subarray(0, largest - pushed);
      completed = [...reader.push(next)].length;
      pushed += next.length;
    }
    assert.equal(reader.pendingBytes, 0);
  });
});

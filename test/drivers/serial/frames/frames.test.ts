import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { type Frame, MAX_PAYLOAD_BYTES, packFrame } from "../../../../drivers/serial/frames/frame.ts";
import { Framing } from "../../../../drivers/serial/frames/framing.ts";
import { heldBytes } from "../../../support/memory.ts";
import { seededRandom } from "../../../support/surroundings.ts";

const framing = await Framing.load();
const END = 0xc0;
const ESC = 0xdb;

function reading() {
  const frames: Frame[] = [];
  let discarded = 0;
  const reader = framing.reader({
    onFrame: (frame) => frames.push(frame),
    onDiscarded: (bytes) => {
      discarded += bytes;
    },
  });
  return { reader, frames, discarded: () => discarded };
}

const anyFrame = fc.record<Frame>({
  type: fc.nat(0xff),
  seq: fc.nat(0xffff),
  payload: fc.uint8Array({ maxLength: MAX_PAYLOAD_BYTES }),
});
/** With more of the bytes that mean something than chance gives. */
const anyNoise = fc.array(fc.oneof(fc.nat(0xff), fc.constantFrom(END, ESC, 0xdc, 0xdd)), { maxLength: 900 });

function plain({ type, seq, payload }: Frame) {
  return { type, seq, payload: [...payload] };
}

describe("frames", () => {
  it("are packed as the specification says", () => {
    const bytes = framing.encode({ type: 0x10, seq: 0x0102, payload: Uint8Array.of(END, ESC) });
    assert.equal(bytes.toString("hex"), "c001100201dbdcdbdd2a9b4e6bc0");
  });

  it("come out as they went in, after any noise and cut anywhere", () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 4 }), anyNoise, fc.array(fc.nat()), (sent, noise, cuts) => {
        const { reader, frames } = reading();
        const stream = Buffer.concat([Buffer.from(noise), ...sent.map((frame) => framing.encode(frame))]);
        const places = [...new Set(cuts.map((cut) => cut % (stream.length + 1)))].sort((a, b) => a - b);
        let from = 0;
        for (const place of [...places, stream.length]) {
          reader.push(stream.subarray(from, place));
          from = place;
        }
        assert.deepEqual(frames.map(plain), sent.map(plain));
      }),
    );
  });

  it("are lost one at a time: a wrong byte costs the frame it hits and no other", () => {
    fc.assert(
      fc.property(
        anyFrame,
        anyFrame,
        anyFrame,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (a, b, c, at, mask) => {
          const { reader, frames, discarded } = reading();
          const middle = framing.encode(b);
          const place = at % middle.length;
          middle[place] = (middle[place] as number) ^ mask;
          reader.push(Buffer.concat([framing.encode(a), middle, framing.encode(c)]));
          reader.end();
          // a frame has an END of its own at both ends, so even a spoiled END leaves the neighbours whole
          const whole = frames.map(plain);
          assert.deepEqual(whole.at(0), plain(a));
          assert.deepEqual(whole.at(-1), plain(c));
          if (whole.length === 2) assert.ok(discarded() > 0);
          else assert.deepEqual(whole, [a, b, c].map(plain));
        },
      ),
    );
  });

  it("account for every byte: in a frame, or discarded, or a bare END", () => {
    fc.assert(
      fc.property(anyNoise, (noise) => {
        const { reader, frames, discarded } = reading();
        reader.push(Uint8Array.from(noise));
        reader.end();
        assert.equal(frames.length, 0);
        let bare = 0;
        for (const [i, byte] of noise.entries())
          if (byte === END && (i === 0 || noise[i - 1] === END)) bare++;
        assert.equal(discarded() + bare, noise.length);
      }),
    );
  });

  it("of another version, too short or too long are none", () => {
    const { reader, frames } = reading();
    const other = packFrame({ type: 1, seq: 1, payload: new Uint8Array() });
    other[0] = 2;
    const long = framing.encode({ type: 1, seq: 1, payload: new Uint8Array(MAX_PAYLOAD_BYTES + 1) });
    reader.push(Buffer.concat([Buffer.of(END), other, Buffer.of(END), long, Buffer.of(END, 0, END)]));
    assert.deepEqual(frames, []);
    reader.push(framing.encode({ type: 1, seq: 1, payload: new Uint8Array(MAX_PAYLOAD_BYTES) }));
    assert.equal(frames.length, 1);
  });
});

describe("10^6 malformed frames", () => {
  it("are all discarded, in flat memory, and the next good frame is read", async () => {
    const { reader, frames, discarded } = reading();
    const random = seededRandom("malformed");
    const batch = malformedFrames(random.bytes(65_536), 10_000);
    const control = framing.encode({ type: 0x50, seq: 7, payload: Uint8Array.of(1, 1, 0, 0) });
    reader.push(batch.bytes);
    const beforeBytes = heldBytes();
    for (let i = 1; i < 100; i++) {
      reader.push(batch.bytes);
      await turn();
    }
    const grownBytes = heldBytes() - beforeBytes;
    assert.equal(frames.length, 0);
    assert.equal(discarded(), 100 * (batch.bytes.length - batch.bareEnds));
    assert.ok(grownBytes < 4 * 2 ** 20, `${grownBytes} bytes more`);
    reader.push(control);
    assert.deepEqual(frames.map(plain), [{ type: 0x50, seq: 7, payload: [1, 1, 0, 0] }]);
  });
});

/** Frames that are right but for one thing each, END at both ends of all. */
function malformedFrames(chance: Buffer, count: number): { bytes: Buffer; bareEnds: number } {
  let at = 0;
  const next = () => chance[at++ % chance.length] as number;
  const pieces: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    const payload = Uint8Array.from({ length: next() % 8 }, next);
    const good = packFrame({ type: next(), seq: next(), payload });
    const bad = malformed(good, i, next);
    pieces.push(Buffer.concat([Buffer.of(END), bad, Buffer.of(END)]));
  }
  const bytes = Buffer.concat(pieces);
  let bareEnds = 0;
  for (const [i, byte] of bytes.entries()) if (byte === END && (i === 0 || bytes[i - 1] === END)) bareEnds++;
  return { bytes, bareEnds };
}

/** No END inside, so that each stays one frame. */
function malformed(good: Buffer, kind: number, next: () => number): Buffer {
  const bad = Buffer.from(good);
  switch (kind % 6) {
    case 0:
      bad[0] = 2 + (next() % 100);
      break;
    case 1: {
      const place = 1 + (next() % (bad.length - 1));
      bad[place] = (bad[place] as number) ^ (1 << (next() % 8));
      break;
    }
    case 2:
      return withoutEnd(bad.subarray(0, 1 + (next() % (bad.length - 1))));
    case 3:
      return withoutEnd(Buffer.concat([bad, Buffer.of(next())]));
    case 4:
      // broken escapes, in the middle and before the END
      return Buffer.concat([withoutEnd(bad), Buffer.of(ESC, next() % 0xc0), Buffer.of(ESC)]);
    case 5:
      return Buffer.alloc(1 + (next() % 255), 0x55);
  }
  return withoutEnd(bad);
}

function withoutEnd(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => (byte === END || byte === ESC ? 0x21 : byte)));
}

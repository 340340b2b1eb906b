import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { earliestStart, type LiveFragment } from "../../../capture/live/live-fragment.ts";
import { ticksToUs } from "../../../capture/mp4/fragment.ts";
import { FragmentReader } from "../../../capture/mp4/fragment-reader.ts";
import { Chunker, type MediaChunk } from "../../../capture/recording/chunker.ts";
import { liveFragments, steadyFragments } from "../../support/media/fragments.ts";
import { initSegment, pictures, sound, VIDEO } from "../../support/media/mp4-builder.ts";

const CHUNK_MS = 2000;

function chunks(fragments: readonly LiveFragment[]): MediaChunk[] {
  const [first] = fragments;
  assert.ok(first !== undefined);
  const chunker = new Chunker(CHUNK_MS, earliestStart(first));
  return [...fragments.flatMap((fragment) => [...chunker.add(fragment)]), ...chunker.finish()];
}

function lengthsMs(made: readonly MediaChunk[]): number[] {
  return made.map(({ fromUs, toUs }) => (toUs - fromUs) / 1000);
}

/** Decode times of the pictures as a reader of the stored bytes finds them, first and end of each chunk. */
function readBack(made: readonly MediaChunk[]): [fromUs: number, toUs: number][] {
  const reader = new FragmentReader();
  const spans: [number, number][] = [];
  [...reader.push(initSegment())];
  for (const { content } of made) {
    const timings = [...reader.push(Buffer.concat(content))].flatMap((part) =>
      part.kind === "fragment" && part.fragment.timing !== null ? [part.fragment.timing] : [],
    );
    const scale = BigInt(VIDEO.timescale);
    spans.push([
      ticksToUs(timings[0]?.fromTicks ?? -1n, scale),
      ticksToUs(timings.at(-1)?.toTicks ?? -1n, scale),
    ]);
  }
  return spans;
}

describe("chunks", () => {
  it("are groups of pictures where keyframes come in time", () => {
    const made = chunks(steadyFragments(10_000, 2000));
    assert.deepEqual(lengthsMs(made), [2000, 2000, 2000, 2000, 2000]);
    assert.ok(made.every(({ key }) => key));
  });

  it("hold as many groups as fit", () => {
    assert.deepEqual(lengthsMs(chunks(steadyFragments(8000, 500))), [2000, 2000, 2000, 2000]);
    assert.deepEqual(lengthsMs(chunks(steadyFragments(6000, 1500))), [1500, 1500, 1500, 1500]);
    assert.deepEqual(lengthsMs(chunks(steadyFragments(2000, 40, 40))), [2000]);
  });

  it("are cut without a keyframe where none comes", () => {
    const made = chunks(steadyFragments(20_000, 10_000));
    assert.deepEqual(lengthsMs(made), Array(10).fill(2000));
    assert.deepEqual(
      made.flatMap(({ key }, index) => (key ? [index] : [])),
      [0, 5],
    );
  });

  it("are never longer than asked for, and find back to the keyframes", () => {
    const fragments = steadyFragments(30_000, 2000, 520).slice(3);
    const made = chunks(fragments);
    assert.ok(lengthsMs(made).every((length) => length <= CHUNK_MS));
    assert.ok(made.slice(2).every(({ key }) => key));
  });

  it("start at 0 on the earliest track", () => {
    const late = steadyFragments(60_000, 2000).slice(80);
    assert.equal(chunks(late)[0]?.fromUs, 0);
    const soundFirst = liveFragments([[sound(10_000, 500), pictures(10_020, 480, { key: true })]]);
    assert.equal(chunks(soundFirst)[0]?.fromUs, 20_000);
  });

  it("are contiguous, whole, and say what a reader of their bytes finds", () => {
    const fragmentMs = fc.integer({ min: 1, max: 1200 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ ms: fragmentMs, key: fc.boolean(), hasSound: fc.boolean() }), {
          minLength: 1,
          maxLength: 60,
        }),
        fc.integer({ min: 0, max: 4_000_000 }),
        (plan, startMs) => {
          let at = startMs;
          const fragments = liveFragments(
            plan.map(({ ms, key, hasSound }) => {
              const runs = [pictures(at, ms, { key, everyMs: ms }), ...(hasSound ? [sound(at, ms)] : [])];
              at += ms;
              return runs;
            }),
          );
          const made = chunks(fragments);
          assert.deepEqual(
            made.map(({ fromUs, toUs }) => [fromUs, toUs]),
            readBack(made),
          );
          assert.equal(made[0]?.fromUs, 0);
          for (const [index, { fromUs, toUs }] of made.entries()) {
            assert.ok(toUs > fromUs);
            if (index > 0) assert.equal(fromUs, made[index - 1]?.toUs);
          }
          assert.equal(made.at(-1)?.toUs, (at - startMs) * 1000);
          const bytes = fragments.reduce((sum, { fragment }) => sum + fragment.bytes, 0);
          assert.equal(
            made.reduce((sum, chunk) => sum + Buffer.concat(chunk.content).length, 0),
            bytes,
          );
          assert.equal(
            made.reduce((sum, chunk) => sum + chunk.bytes, 0),
            bytes,
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it("name lost frames by the ends of the long sample that hides them", () => {
    const fragments = liveFragments([
      [pictures(5000, 480, { key: true })],
      [pictures(5480, 1500, { everyMs: 1500 })],
      [pictures(6980, 480)],
    ]);
    const [chunk] = chunks(fragments);
    assert.deepEqual(chunk?.losses, [{ fromUs: 480_000, toUs: 1_980_000 }]);
    assert.equal(chunk?.longestUs, 1_500_000);
    assert.deepEqual(
      chunks(steadyFragments(4000, 2000)).flatMap(({ losses }) => losses),
      [],
    );
  });

  it("wait for the pictures where sound comes alone, and are timed by it where none come any more", () => {
    const sparse = chunks(
      liveFragments([
        [pictures(0, 500, { key: true }), sound(0, 500)],
        ...[500, 1000, 1500, 2000].map((at) => [sound(at, 500)]),
        [pictures(500, 2000, { everyMs: 2000 }), sound(2500, 500)],
        ...[3000, 3500].map((at) => [sound(at, 500)]),
      ]),
    );
    assert.deepEqual(
      sparse.map(({ fromUs, toUs }) => [fromUs, toUs]),
      [
        [0, 500_000],
        [500_000, 2_500_000],
        [2_500_000, 4_000_000],
      ],
    );
    const endless = Array.from({ length: 400 }, (_, n) => [sound(500 + n * 500, 500)]);
    const made = chunks(liveFragments([[pictures(0, 500, { key: true }), sound(0, 500)], ...endless]));
    assert.equal(made.at(-1)?.toUs, 200_500_000);
    for (const [index, { fromUs, toUs }] of made.entries()) {
      assert.ok(toUs - fromUs <= 60_500_000);
      if (index > 0) assert.equal(fromUs, made[index - 1]?.toUs);
    }
  });

  it("keep sound that ends inside the last picture", () => {
    const made = chunks(
      liveFragments([[pictures(0, 2000, { key: true, everyMs: 2000 }), sound(0, 500)], [sound(500, 1000)]]),
    );
    assert.deepEqual(
      made.map(({ fromUs, toUs, bytes }) => [fromUs, toUs, bytes > 0]),
      [
        [0, 2_000_000, true],
        [2_000_000, 2_000_001, true],
      ],
    );
  });

  it("begin at the track that still has the earliest to bring, though not in the first fragment", () => {
    const made = chunks(
      liveFragments([
        [pictures(0, 40, { key: true }), sound(0, 40)],
        ...[40, 80, 120].map((at) => [pictures(at, 40, { key: true })]),
        [pictures(160, 40, { key: true }), sound(40, 160)],
      ]).slice(2),
    );
    assert.equal(made[0]?.fromUs, 40_000);
  });

  it("never hide a jump in time inside", () => {
    const made = chunks(liveFragments([[pictures(0, 480, { key: true })], [pictures(700, 480)]]));
    assert.deepEqual(
      made.map(({ fromUs, toUs }) => [fromUs, toUs]),
      [
        [0, 480_000],
        [700_000, 1_180_000],
      ],
    );
  });
});

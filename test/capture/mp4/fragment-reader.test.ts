import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Fragment, rebased, ticksToUs } from "../../../capture/mp4/fragment.ts";
import { FragmentReader, type StreamPart } from "../../../capture/mp4/fragment-reader.ts";
import { AgentError } from "../../../config/base/errors.ts";
import {
  AUDIO,
  box,
  fragment,
  initSegment,
  type MadeRun,
  moov,
  pictures,
  sound,
  u32,
  VIDEO,
} from "../../support/media/mp4-builder.ts";

function parts(...stream: Buffer[]): StreamPart[] {
  const reader = new FragmentReader();
  return stream.flatMap((piece) => [...reader.push(piece)]);
}

function fragments(...stream: Buffer[]): Fragment[] {
  return parts(...stream).flatMap((part) => (part.kind === "fragment" ? [part.fragment] : []));
}

function only(...runs: MadeRun[]): Fragment {
  return fragments(initSegment(), fragment(...runs))[0] as Fragment;
}

function refusal(...stream: Buffer[]): string {
  try {
    parts(...stream);
  } catch (error) {
    if (error instanceof AgentError) return error.code;
    throw error;
  }
  return "read";
}

describe("an initialisation segment", () => {
  it("names its tracks", () => {
    const [part] = parts(initSegment());
    assert.equal(part?.kind, "init");
    const tracks = part?.init.tracks.map(({ id, kind, codec, timescale, size, rateHz }) => ({
      ...{ id, kind, codec, timescale },
      ...{ size, rateHz },
    }));
    assert.deepEqual(tracks, [
      {
        id: 1,
        kind: "video",
        codec: "h264",
        timescale: 90_000n,
        size: { width: 640, height: 360 },
        rateHz: undefined,
      },
      { id: 2, kind: "audio", codec: "aac", timescale: 48_000n, size: undefined, rateHz: 48_000 },
    ]);
  });

  it("times by its pictures, or by its sound if there are none", () => {
    assert.equal(parts(initSegment([AUDIO, VIDEO]))[0]?.init.timing.kind, "video");
    assert.equal(parts(initSegment([AUDIO]))[0]?.init.timing.kind, "audio");
  });

  it("is handed on again only when it has changed", () => {
    const again = parts(initSegment(), initSegment(), initSegment([VIDEO]));
    assert.deepEqual(
      again.map(({ init }) => init.tracks.length),
      [2, 1],
    );
  });
});

describe("a fragment", () => {
  it("spans its samples' decode times", () => {
    const { timing, runs } = only(pictures(1000, 480, { key: true }), sound(990, 500));
    assert.equal(timing?.fromTicks, 90_000n);
    assert.equal(timing?.toTicks, 133_200n);
    assert.equal(timing?.longestTicks, 3600n);
    assert.deepEqual(
      runs.map(({ fromTicks, toTicks }) => [fromTicks, toTicks]),
      [
        [90_000n, 133_200n],
        [47_520n, 71_520n],
      ],
    );
  });

  it("is a cut point where the first picture's flags say so, wherever they stand", () => {
    for (const flagsIn of ["first", "each", "default"] as const) {
      for (const key of [true, false]) {
        assert.equal(only({ ...pictures(0, 480, { key }), flagsIn }).timing?.key, key, `${flagsIn} ${key}`);
      }
    }
  });

  it("without pictures has no time of its own, unless there are never any", () => {
    assert.equal(only(sound(0, 500)).timing, null);
    assert.equal(fragments(initSegment([AUDIO]), fragment(sound(0, 500)))[0]?.timing?.key, true);
  });

  it("shows each sample longer than half a second, with its ends", () => {
    const run = { track: VIDEO, ticks: 0n, durations: [3600, 45_001, 45_000, 90_000] };
    assert.deepEqual(only(run).timing?.longSamples, [
      { fromTicks: 3600n, toTicks: 48_601n },
      { fromTicks: 93_601n, toTicks: 183_601n },
    ]);
  });

  it("keeps decode times beyond 32 bits exact", () => {
    const ticks = 2n ** 60n + 1n;
    assert.equal(only({ track: VIDEO, ticks, durations: [1] }).timing?.toTicks, ticks + 1n);
  });

  it("can be moved in time, as often as wanted, without being changed", () => {
    const original = only(pictures(10_000, 480, { key: true }), sound(10_020, 460));
    const before = Buffer.from(original.moof);
    const move = (ms: number) => {
      const bytes = Buffer.concat(rebased(original, { ticks: BigInt(ms * 90), timescale: 90_000n }));
      return fragments(initSegment(), bytes)[0]?.runs.map((run) =>
        ticksToUs(run.fromTicks, run.track.timescale),
      );
    };
    assert.deepEqual(move(10_000), [0, 20_000]);
    assert.deepEqual(move(9_000), [1_000_000, 1_020_000]);
    assert.deepEqual(original.moof, before);
    assert.throws(() => move(10_001), { code: "mp4-before-base" });
  });
});

describe("a stream that ffmpeg would not write", () => {
  const good = fragment(pictures(0, 480, { key: true }));
  const moofBytes = good.readUInt32BE(0);
  const moof = good.subarray(0, moofBytes);
  const patched = (offset: number, value: number) => {
    const bytes = Buffer.from(good);
    bytes.writeUInt32BE(value, offset);
    return bytes;
  };
  const trunAt = moof.indexOf("trun");
  const tfhdAt = moof.indexOf("tfhd");
  const cases: [what: string, stream: Buffer[], code: string][] = [
    ["a fragment before the initialisation segment", [good], "mp4-box-order"],
    ["data without a header", [initSegment(), box("mdat", u32(1))], "mp4-box-order"],
    ["two headers", [initSegment(), moof, moof], "mp4-box-order"],
    ["moov without ftyp", [moov([VIDEO])], "mp4-box-order"],
    ["no tracks", [initSegment([])], "mp4-no-track"],
    ["data of another length than described", [initSegment(), moof, box("mdat", u32(1))], "mp4-malformed"],
    [
      "more samples than there is room for",
      [initSegment(), patched(trunAt + 8, 0xffffffff)],
      "mp4-malformed",
    ],
    [
      "an inner box that overruns its container",
      [initSegment(), patched(trunAt - 4, 0xffff)],
      "mp4-malformed",
    ],
    ["an inner box smaller than its header", [initSegment(), patched(trunAt - 4, 3)], "mp4-malformed"],
    [
      "offsets into the file instead of the fragment",
      [initSegment(), patched(tfhdAt + 4, 0x31)],
      "mp4-malformed",
    ],
    ["nothing wrong: the control", [initSegment(), good], "read"],
  ];
  for (const [what, stream, code] of cases) {
    it(`${what}: ${code}`, () => assert.equal(refusal(...stream), code));
  }

  it("is refused with a code, whichever bytes are wrong", () => {
    const stream = Buffer.concat([initSegment(), good, fragment(pictures(480, 480), sound(480, 500))]);
    const wrongByte = fc.record({ at: fc.nat(stream.length - 1), value: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(wrongByte, { minLength: 1, maxLength: 4 }), (wrong) => {
        const bytes = Buffer.from(stream);
        for (const { at, value } of wrong) bytes[at] = value;
        // throws if the error is not a coded one
        refusal(bytes);
      }),
      { numRuns: 500 },
    );
  });
});

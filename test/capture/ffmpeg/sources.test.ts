import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it, type TestContext } from "node:test";
import type { TrackPolicy } from "../../../capture/source/camera.ts";
import { ffmpeg, ffmpegChildren, packetDigest, play } from "../../support/media/ffmpeg.ts";
import { LiveBench } from "../../support/media/live-bench.ts";
import { assertLiveRecordings, assertStartsAtZero } from "../../support/media/recording-rules.ts";

const PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"];
const SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"];
const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];

interface Played {
  bench: LiveBench;
  rec: string;
  source: string;
  recorded: string;
}

/** Makes a file of 3 s, plays it as a camera, and records it from its start to its end. */
async function played(
  t: TestContext,
  name: string,
  make: string[],
  policy: Partial<TrackPolicy> = {},
  meanwhile: (bench: LiveBench) => void = () => undefined,
): Promise<Played> {
  let source = "";
  const camera = (directory: string) => {
    source = join(directory, name);
    ffmpeg(...make, ...(name.endsWith(".torn") ? ["-f", "mpegts"] : []), "-t", "3", source);
    if (name.endsWith(".torn")) truncateSync(source, Math.floor(statSync(source).size / 2));
    return { kind: "file", path: source } as const;
  };
  const bench = new LiveBench(t, camera, {}, policy);
  const rec = await bench.recordFromStart();
  meanwhile(bench);
  await bench.closed(rec);
  assert.equal(bench.writer.of("recording.stop")[0]?.reason, "source-ended");
  assertLiveRecordings(bench.writer);
  return { bench, rec, source, recorded: bench.save(rec) };
}

function codecs(path: string): string[] {
  return play(path).tracks.map(({ codec_name }) => codec_name);
}

// played side by side: each takes its 3 s, and little of the processor
describe("a file as a camera", { timeout: 60_000, concurrency: 4 }, () => {
  after(() => assert.deepEqual(ffmpegChildren(), []));

  it("with H.264 and keyframes far apart is copied, packet by packet, in chunks of 2 s", async (t) => {
    const make = [...PICTURE, ...SOUND, ...H264, "-g", "250", "-c:a", "aac"];
    const { bench, rec, source, recorded } = await played(t, "long group of pictures.mp4", make);
    assert.equal(packetDigest(recorded, "v"), packetDigest(source, "v"));
    assertStartsAtZero(play(recorded).startS);
    const media = bench.writer.chunks(rec).slice(1);
    assert.ok(media.every(({ from_us, to_us }) => to_us - from_us <= 2_000_000));
    assert.deepEqual(
      media.map(({ key }) => key),
      [true, false],
    );
  });

  it("with AAC that may not be muted is copied, and cannot be muted", async (t) => {
    const make = [...PICTURE, ...SOUND, ...H264, "-c:a", "aac"];
    const { source, recorded } = await played(t, "a.mp4", make, { mutable: false }, (bench) => {
      assert.equal(bench.recorder.mute(true), false);
    });
    assert.equal(packetDigest(recorded, "a"), packetDigest(source, "a"));
  });

  it("of the kind that a network carries is copied too", async (t) => {
    const make = [...PICTURE, ...SOUND, ...H264, "-c:a", "aac"];
    const { recorded } = await played(t, "a.ts", make, { mutable: false });
    assert.deepEqual(
      play(recorded).tracks.map(({ codec_name, nb_read_frames }) => [codec_name, nb_read_frames]),
      [
        ["h264", "75"],
        ["aac", "142"],
      ],
    );
  });

  it("with B-frames plays whole", async (t) => {
    const { source, recorded } = await played(t, "b.mp4", [
      ...PICTURE,
      "-c:v",
      "libx264",
      "-bf",
      "3",
      "-g",
      "50",
    ]);
    assert.equal(packetDigest(recorded, "v"), packetDigest(source, "v"));
    assert.equal(play(recorded).tracks[0]?.nb_read_frames, "75");
  });

  it("with H.265 is copied, as hvc1", async (t) => {
    const make = [...PICTURE, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"];
    const { source, recorded } = await played(t, "h265.mp4", make);
    assert.equal(packetDigest(recorded, "v"), packetDigest(source, "v"));
    assert.equal(play(recorded).tracks[0]?.codec_tag_string, "hvc1");
  });

  it("with motion JPEG of odd sides is encoded", async (t) => {
    const odd = ["-f", "lavfi", "-i", "testsrc2=size=321x181:rate=25"];
    const { recorded } = await played(t, "odd.avi", [...odd, ...SOUND, "-c:v", "mjpeg", "-c:a", "pcm_s16le"]);
    assert.deepEqual(codecs(recorded), ["h264", "aac"]);
    assert.equal(play(recorded).tracks[0]?.nb_read_frames, "75");
  });

  it("with sound alone is a recording of sound", async (t) => {
    const { bench, rec, recorded } = await played(t, "sound.wav", SOUND);
    assert.deepEqual(codecs(recorded), ["aac"]);
    assert.ok(
      bench.writer
        .chunks(rec)
        .slice(1)
        .every(({ key }) => key),
    );
    assert.deepEqual(bench.writer.of("recording.start")[0]?.tracks, [
      { kind: "audio", codec: "aac", rate: 48_000 },
    ]);
  });

  it("without sound, or with sound left out, is a recording of pictures", async (t) => {
    assert.deepEqual(codecs((await played(t, "mute.mp4", [...PICTURE, ...H264])).recorded), ["h264"]);
    const make = [...PICTURE, ...SOUND, ...H264];
    assert.deepEqual(codecs((await played(t, "left-out.mp4", make, { sound: false })).recorded), ["h264"]);
  });

  it("whose sound ends before its pictures, or after, is recorded once and whole", async (t) => {
    const soundEnds = await played(t, "deaf.mp4", [...PICTURE, ...SOUND, ...H264, "-af", "atrim=0:1"]);
    assert.equal(packetDigest(soundEnds.recorded, "v"), packetDigest(soundEnds.source, "v"));
    const picturesEnd = await played(t, "blind.mkv", [...PICTURE, ...SOUND, ...H264, "-vf", "trim=0:1"]);
    assert.equal(packetDigest(picturesEnd.recorded, "v"), packetDigest(picturesEnd.source, "v"));
    const soundFrames = Number(play(picturesEnd.recorded).tracks[1]?.nb_read_frames);
    assert.ok(Math.abs((soundFrames * 1024) / 48_000 - 3) < 0.1, `${soundFrames} frames of sound`);
    for (const { bench } of [soundEnds, picturesEnd]) {
      assert.equal(bench.writer.of("recording.start").length, 1);
      assert.deepEqual(bench.writer.of("device.gap"), []);
    }
  });

  it("with one picture a second loses neither pictures nor sound; each long one is signed", async (t) => {
    const slow = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=1"];
    const { bench, source, recorded } = await played(t, "slow.mp4", [...slow, ...SOUND, ...H264]);
    assert.equal(packetDigest(recorded, "v"), packetDigest(source, "v"));
    assert.equal(play(recorded).tracks[1]?.nb_read_frames, "142");
    assert.deepEqual(
      bench.writer.gaps("frames-lost").map((gap) => "rec" in gap && [gap.from_us, gap.to_us]),
      [0, 1, 2].map((s) => [s * 1_000_000, (s + 1) * 1_000_000]),
    );
  });

  it("with sound finer than MP4 can say is recorded at a rate that it can", async (t) => {
    const fine = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=192000"];
    const { bench } = await played(t, "fine.wav", fine);
    assert.deepEqual(bench.writer.of("recording.start")[0]?.tracks, [
      { kind: "audio", codec: "aac", rate: 48_000 },
    ]);
    const make = [...fine, "-ar", "96000", "-c:a", "aac"];
    const copied = await played(t, "fine.mp4", make, { mutable: false });
    assert.equal(copied.bench.writer.of("recording.start")[0]?.tracks[0]?.rate, 96_000);
  });

  it("that is torn ends where it is torn, and what was there is kept", async (t) => {
    const { recorded } = await played(t, "pictures.torn", [...PICTURE, ...H264, "-g", "25"]);
    const frames = Number(play(recorded).tracks[0]?.nb_read_frames);
    assert.ok(frames > 10 && frames < 75, `${frames} frames`);
  });
});

describe("ffmpeg on this machine", () => {
  it("makes the same initialisation segment every time", async (t) => {
    const make = [...PICTURE, ...H264];
    const first = await played(t, "first.mp4", make);
    const second = await played(t, "second.mp4", make);
    const init = ({ bench, rec }: Played) => bench.writer.chunks(rec)[0]?.digest;
    assert.equal(init(first), init(second));
  });

  it("is one that the README promises to work with", () => {
    const [, major] =
      /ffmpeg version n?(\d+)/.exec(execFileSync("ffmpeg", ["-version"], { encoding: "utf8" })) ?? [];
    assert.ok(Number(major) >= 5);
  });
});

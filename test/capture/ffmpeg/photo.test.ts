import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ffmpegStill } from "../../../capture/source/still.ts";
import { ffmpegChildren } from "../../support/media/ffmpeg.ts";
import { LiveBench, SMALL_CAMERA, until } from "../../support/media/live-bench.ts";
import { assertLiveRecordings } from "../../support/media/recording-rules.ts";

const [WIDTH, HEIGHT] = [320, 180];

/** Brightness of every pixel of every frame, one after the other. */
function greys(path: string): Buffer {
  const args = ["-v", "error", "-i", path, "-map", "0:v:0", "-pix_fmt", "gray", "-f", "rawvideo", "pipe:1"];
  return execFileSync("ffmpeg", args, { maxBuffer: 256 * 2 ** 20 });
}

/** Number of the frame that looks most like the picture. */
function likest(picture: Buffer, frames: Buffer): number {
  let best = { frame: -1, difference: Number.POSITIVE_INFINITY };
  for (let frame = 0; frame * picture.length < frames.length; frame++) {
    let difference = 0;
    const at = frame * picture.length;
    for (let i = 0; i < picture.length; i += 3) {
      difference += Math.abs((picture[i] as number) - (frames[at + i] as number));
    }
    if (difference < best.difference) best = { frame, difference };
  }
  return best.frame;
}

test("a photo while recording shows the moment that its entry says, and disturbs nothing", async (t) => {
  const bench = new LiveBench(t, SMALL_CAMERA);
  await bench.filming(1000);
  const rec = await bench.recorder.record({ trigger: "button" });
  assert.ok(rec !== null);
  await bench.recorded(3500);
  const taken = await Promise.all([bench.recorder.photo("007001"), bench.recorder.photo()]);
  await bench.recorded(6000);
  await bench.recorder.stopRecording("button");
  assertLiveRecordings(bench.writer);
  const photos = bench.writer.of("recording.photo");
  assert.deepEqual(
    photos.map(({ mime, rec, by, digest }) => ({ mime, rec, by, digest })),
    [
      { mime: "image/jpeg", rec, by: "007001", digest: taken[0].digest },
      { mime: "image/jpeg", rec, by: undefined, digest: taken[1].digest },
    ],
  );
  const frames = greys(bench.save(rec));
  for (const { digest, at_us } of photos) {
    const path = join(bench.directory, `${digest}.jpg`);
    writeFileSync(path, bench.writer.media.get(digest) as Buffer);
    const picture = greys(path);
    assert.equal(picture.length, WIDTH * HEIGHT);
    const shownMs = likest(picture, frames) * 40;
    assert.ok(Math.abs(shownMs - (at_us ?? 0) / 1000) <= 200, `${shownMs} ms, entry says ${at_us} µs`);
  }
});

test("a photo without a recording stands alone", async (t) => {
  const bench = new LiveBench(t, SMALL_CAMERA, { preEventMs: 0 });
  await bench.filming(500);
  const { digest, during } = await bench.recorder.photo();
  assert.equal(during, null);
  const [photo] = bench.writer.of("recording.photo");
  assert.deepEqual([photo?.digest, photo?.rec, photo?.at_us], [digest, undefined, undefined]);
  assert.deepEqual(bench.notices.at(-1), { kind: "photo", taken: { digest, bytes: photo?.bytes, during } });
});

test("what is no video gives a coded error, and no process is left", async () => {
  const none = new AbortController().signal;
  await assert.rejects(ffmpegStill([Buffer.alloc(4096, 7)], 0, none), { code: "photo-failed" });
  const gone = new AbortController();
  const making = ffmpegStill([], 0, gone.signal);
  gone.abort(new Error("shutdown"));
  await assert.rejects(making, { message: "shutdown" });
  await until("the end of ffmpeg", () => ffmpegChildren().length === 0);
});

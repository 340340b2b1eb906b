import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ffmpegChildren, play } from "../../support/media/ffmpeg.ts";
import { LiveBench, until } from "../../support/media/live-bench.ts";
import { assertLiveRecordings, assertStartsAtZero } from "../../support/media/recording-rules.ts";
import { missingForRtsp, RtspCamera } from "../../support/media/rtsp-camera.ts";

const skip = missingForRtsp() ?? false;

describe("a network camera", { timeout: 90_000, skip }, () => {
  it("is copied, lost within 3 s when its wire is cut, and recorded on when it is back", async (t) => {
    const camera = await RtspCamera.start();
    t.after(() => camera.kill());
    const bench = new LiveBench(t, { kind: "rtsp", url: camera.url }, {}, { mutable: false });
    const rec = await bench.recordFromStart();
    await bench.recorded(4000);
    const cutMs = performance.now();
    await camera.kill();
    const gap = await bench.writer.until("a gap", () => bench.writer.gaps("camera-lost")[0]);
    assert.ok(performance.now() - cutMs < 3000, `${performance.now() - cutMs} ms`);
    assert.ok("mono_from_us" in gap && gap.after === rec);
    const again = await RtspCamera.start(camera.port);
    t.after(() => again.kill());
    const next = await bench.writer.until(
      "the continuation",
      () => bench.writer.of("recording.start")[1],
      30_000,
    );
    assert.equal(next.continues, rec);
    await bench.recorded(2000);
    await bench.recorder.stopRecording("button");
    await bench.recorder.stop();
    assertLiveRecordings(bench.writer);
    for (const { rec: each } of bench.writer.of("recording.start")) {
      const { startS, tracks } = play(bench.save(each));
      assertStartsAtZero(startS);
      assert.deepEqual(
        tracks.map(({ codec_name }) => codec_name),
        ["h264", "aac"],
      );
    }
    assert.deepEqual(ffmpegChildren(), []);
  });

  it("that nobody serves is an alarm and leaves no process", async (t) => {
    const camera = await RtspCamera.start();
    await camera.kill();
    const bench = new LiveBench(t, { kind: "rtsp", url: camera.url });
    bench.recorder.start();
    await until("an alarm", () => bench.notices.some(({ kind }) => kind === "alarm"));
    await bench.recorder.stop();
    assert.deepEqual(ffmpegChildren(), []);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ffmpegChildren, play, silences } from "../../support/media/ffmpeg.ts";
import { LiveBench, SMALL_CAMERA } from "../../support/media/live-bench.ts";
import { assertLiveRecordings, assertStartsAtZero } from "../../support/media/recording-rules.ts";

describe("a recording of the test camera", { timeout: 60_000 }, () => {
  it("plays from 0 to its end, every frame decoded, pre-event buffer first", async (t) => {
    const bench = new LiveBench(t, SMALL_CAMERA);
    await bench.filming(2000);
    const rec = await bench.recorder.record({ trigger: "button", wearer: "007001" });
    assert.ok(rec !== null);
    await bench.recorded(4500);
    const summary = await bench.recorder.stopRecording("button");
    assert.ok(summary !== "resumed");
    assertLiveRecordings(bench.writer);
    const lastUs = bench.writer.chunks(rec).at(-1)?.to_us ?? 0;
    const { startS, durationS, tracks } = play(bench.save(rec));
    assertStartsAtZero(startS);
    assert.ok(Math.abs(durationS - lastUs / 1e6) < 0.1, `${durationS} s of ${lastUs} µs`);
    assert.deepEqual(
      tracks.map(({ codec_name }) => codec_name),
      ["h264", "aac"],
    );
    assert.equal(Number(tracks[0]?.nb_read_frames), Math.round(lastUs / 40_000));
    assert.equal(summary?.bytes, bench.writer.file(rec).length);
    const start = bench.writer.of("recording.start")[0];
    assert.ok(
      (start?.pre_event_ms ?? 0) >= 2000 && (start?.pre_event_ms ?? 0) < 4700,
      `${start?.pre_event_ms}`,
    );
  });

  it("is silent where it was muted, without a frame missing, and the gap says where", async (t) => {
    const bench = new LiveBench(t, SMALL_CAMERA);
    const rec = await bench.recordFromStart();
    await bench.recorded(1500);
    assert.equal(bench.recorder.mute(true), true);
    await bench.recorded(3500);
    bench.recorder.mute(false);
    await bench.recorded(5500);
    await bench.recorder.stopRecording("button");
    assertLiveRecordings(bench.writer);
    const path = bench.save(rec);
    const heard = silences(path);
    assert.equal(heard.length, 1);
    const [fromS, toS] = heard[0] ?? [0, 0];
    const [gap, ...others] = bench.writer.gaps("muted");
    assert.ok(gap !== undefined && "rec" in gap && others.length === 0);
    assert.ok(
      gap.from_us / 1e6 <= fromS && toS <= gap.to_us / 1e6,
      `${fromS}–${toS} in ${gap.from_us}–${gap.to_us}`,
    );
    assert.ok(toS - fromS > 1.5);
    const { tracks } = play(path);
    const soundS = (Number(tracks[1]?.nb_read_frames) * 1024) / 48_000;
    const pictureS = Number(tracks[0]?.nb_read_frames) / 25;
    assert.ok(Math.abs(soundS - pictureS) < 0.1, `${soundS} s of sound, ${pictureS} s of pictures`);
  });

  it("that nobody muted is never silent: the control", async (t) => {
    const bench = new LiveBench(t, SMALL_CAMERA);
    const rec = await bench.recordFromStart();
    await bench.recorded(1500);
    await bench.recorder.stopRecording("button");
    assert.deepEqual(silences(bench.save(rec)), []);
    assert.deepEqual(bench.writer.of("device.gap"), []);
  });

  it("has a silent pre-event part where the settings say so, signed as such", async (t) => {
    const bench = new LiveBench(t, SMALL_CAMERA, { preEventSound: false }, { preEventSound: false });
    await bench.filming(2000);
    const rec = await bench.recorder.record({ trigger: "button" });
    assert.ok(rec !== null);
    await bench.recorded(5000);
    await bench.recorder.stopRecording("button");
    assertLiveRecordings(bench.writer);
    const [heard, ...others] = silences(bench.save(rec));
    assert.ok(heard !== undefined && others.length === 0);
    const [gap] = bench.writer.gaps("muted");
    assert.ok(gap !== undefined && "rec" in gap && gap.from_us === 0 && heard[1] * 1e6 <= gap.to_us);
    assert.ok(heard[0] < 0.1 && heard[1] > 1.5);
  });

  it("is closed with its last fragment when the device shuts down, and leaves no process", async (t) => {
    const bench = new LiveBench(t, SMALL_CAMERA);
    const rec = await bench.recordFromStart();
    await bench.recorded(1000);
    assert.equal(ffmpegChildren().length, 1);
    const startedMs = performance.now();
    await bench.recorder.stop();
    assert.ok(performance.now() - startedMs < 5000);
    assert.deepEqual(ffmpegChildren(), []);
    assert.equal(bench.writer.of("recording.stop")[0]?.reason, "shutdown");
    assertLiveRecordings(bench.writer);
    assert.equal(play(bench.save(rec)).tracks.length, 2);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CameraBench } from "../../support/media/camera-bench.ts";
import { box } from "../../support/media/mp4-builder.ts";
import { assertLiveRecordings } from "../../support/media/recording-rules.ts";

describe("a file", () => {
  it("may show one picture for long, and is not begun again", async (t) => {
    const bench = new CameraBench(t, {}, { finite: true });
    await bench.filming(4000);
    await bench.recording(1000);
    await bench.camera.isSilent(20_000);
    bench.camera.skips(20_000);
    await bench.camera.films(500);
    assert.deepEqual([bench.camera.opened, bench.alarms()], [1, []]);
    await bench.camera.isSilent(61_000);
    assert.equal(bench.writer.of("recording.stop")[0]?.reason, "source-ended");
    assert.equal(bench.camera.opened, 1);
    assertLiveRecordings(bench.writer);
  });

  it("whose ffmpeg is held is noticed like a camera's", async (t) => {
    const bench = new CameraBench(t, {}, { finite: true });
    await bench.filming(4000);
    await bench.recording(1000);
    bench.camera.held = true;
    await bench.camera.isSilent(2900);
    assert.deepEqual(bench.alarms(), ["encoder-stalled"]);
  });

  it("that plays more slowly than it should goes on in a new recording at a keyframe", async (t) => {
    const bench = new CameraBench(t, {}, { finite: true });
    await bench.filming(8000);
    const rec = await bench.recording(2500);
    await bench.camera.isSilent(1500);
    await bench.camera.films(12_000);
    const [first, next, ...others] = bench.writer.of("recording.start");
    assert.deepEqual([first?.rec, next?.continues, others], [rec, rec, []]);
    assert.equal(bench.writer.of("recording.stop")[0]?.reason, "clock-strayed");
    assert.equal(bench.writer.chunks(next?.rec ?? "")[1]?.key, true);
    assert.deepEqual([bench.camera.opened, bench.writer.of("device.gap")], [1, []]);
    assert.equal(bench.recorder.status().counters["clock-strayed"], 1);
    await bench.recorder.stop();
    assertLiveRecordings(bench.writer);
  });

  it("that cannot be read to its end has ended: to start again would repeat it", async (t) => {
    const bench = new CameraBench(t, {}, { finite: true });
    await bench.filming(4000);
    await bench.recording(1000);
    bench.camera.saysBytes(box("free"));
    await bench.camera.isSilent(5000);
    assert.equal(bench.writer.of("recording.stop")[0]?.reason, "source-ended");
    assert.deepEqual([bench.camera.opened, bench.recorder.status().counters["mp4-box-type"]], [1, 1]);
  });
});

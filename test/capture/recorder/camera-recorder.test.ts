import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CameraBench } from "../../support/media/camera-bench.ts";
import { box, initSegment, VIDEO } from "../../support/media/mp4-builder.ts";
import { assertLiveRecordings, isIdle } from "../../support/media/recording-rules.ts";
import { settled } from "../../support/media/scripted-camera.ts";

describe("a recording", () => {
  it("begins with the pre-event buffer and ends at the stop", async (t) => {
    const bench = new CameraBench(t);
    await bench.filming(10_000);
    const rec = await bench.recording(6000);
    const stopping = bench.recorder.stopRecording("button");
    await bench.camera.films(500);
    const summary = await stopping;
    assert.ok(summary !== "resumed");
    assert.equal(summary?.reason, "button");
    const [start] = bench.writer.of("recording.start");
    assert.equal(start?.pre_event_ms, 4000);
    assert.deepEqual(start?.tracks, [
      { kind: "video", codec: "h264", width: 640, height: 360 },
      { kind: "audio", codec: "aac", rate: 48_000 },
    ]);
    assert.equal(bench.writer.chunks(rec).at(-1)?.to_us, 10_500_000);
    assertLiveRecordings(bench.writer);
  });

  it("keeps what was there at the press, without a pre-event buffer from the last keyframe on", async (t) => {
    const bench = new CameraBench(t, { preEventMs: 0 });
    await bench.filming(5000);
    await bench.recording(1000);
    assert.equal(bench.writer.of("recording.start")[0]?.pre_event_ms, 1000);
  });

  it("goes on through the post-event time", async (t) => {
    const bench = new CameraBench(t, { postEventMs: 3000 });
    await bench.filming(4000);
    const rec = await bench.recording(2000);
    const stopping = bench.recorder.stopRecording("button");
    await bench.camera.films(2500);
    assert.equal(bench.writer.of("recording.stop").length, 0);
    await bench.camera.films(500);
    await stopping;
    assert.equal(bench.writer.chunks(rec).at(-1)?.to_us, 9_000_000);
  });

  it("that is wanted again in the post-event time goes on, and who has stopped it is told", async (t) => {
    const bench = new CameraBench(t, { postEventMs: 3000 });
    await bench.filming(4000);
    const rec = await bench.recording(2000);
    const stopping = bench.recorder.stopRecording("button");
    await bench.camera.films(1000);
    assert.equal(await bench.recorder.record({ trigger: "button" }), rec);
    assert.equal(await stopping, "resumed");
    await bench.camera.films(5000);
    assert.equal(bench.writer.of("recording.stop").length, 0);
  });

  it("carries markers at the media time of the press, and the position", async (t) => {
    const bench = new CameraBench(t, {}, {}, { position: () => ({ lat_e7: 1, lon_e7: -2, age_ms: 3 }) });
    await bench.filming(4000);
    assert.equal(await bench.recorder.mark("too early"), null);
    const rec = await bench.recording(1000);
    assert.ok(await bench.recorder.mark("weapon", "007001"));
    assert.deepEqual(bench.writer.of("recording.marker"), [
      { type: "recording.marker", rec, at_us: 5_000_000, label: "weapon", by: "007001" },
    ]);
    await bench.camera.films(3000);
    assert.deepEqual(
      bench.writer.chunks(rec).map(({ gnss }) => gnss?.lon_e7),
      [undefined, undefined, undefined, -2, -2],
    );
  });

  it("that reaches its longest length goes on in a new one at a keyframe, without a hole", async (t) => {
    const bench = new CameraBench(t, { maxRecordingMs: 20_000, preEventMs: 0 });
    await bench.filming(500);
    await bench.recording(44_000);
    const starts = bench.writer.of("recording.start");
    assert.equal(starts.length, 3);
    assert.equal(starts[1]?.continues, starts[0]?.rec);
    const stops = bench.writer.of("recording.stop");
    assert.ok(stops.every(({ reason }) => reason === "max-length"));
    const lastUs = (rec = "") => bench.writer.chunks(rec).at(-1)?.to_us;
    assert.equal(lastUs(starts[0]?.rec), 18_000_000);
    assert.equal(lastUs(starts[1]?.rec), 18_000_000);
    assert.equal(bench.writer.chunks(starts[1]?.rec ?? "")[1]?.key, true);
    assert.deepEqual(bench.writer.of("device.gap"), []);
    await bench.recorder.stop();
    assertLiveRecordings(bench.writer);
  });

  it("ends when the stream changes, and goes on with the new initialisation segment", async (t) => {
    const bench = new CameraBench(t);
    await bench.filming(4000);
    const rec = await bench.recording(2000);
    bench.camera.saysBytes(initSegment([VIDEO]));
    await bench.camera.films(500);
    assert.equal(bench.writer.of("recording.stop")[0]?.reason, "stream-changed");
    const [, next] = bench.writer.of("recording.start");
    assert.equal(next?.continues, rec);
    assert.equal(next?.tracks.length, 1);
  });

  it("stopped while the device shuts down is closed with all that came", async (t) => {
    const bench = new CameraBench(t);
    await bench.filming(4000);
    const rec = await bench.recording(700);
    await bench.recorder.stop();
    assert.deepEqual(bench.camera.stopped, ["flush"]);
    assert.equal(bench.writer.of("recording.stop")[0]?.reason, "shutdown");
    assert.equal(bench.writer.chunks(rec).at(-1)?.to_us, 5_000_000);
    assertLiveRecordings(bench.writer);
  });
});

describe("a camera", () => {
  it("that hangs is noticed within 3 s, signed, restarted, and recorded on", async (t) => {
    const bench = new CameraBench(t);
    await bench.filming(4000);
    const rec = await bench.recording(2000);
    const lostMonoUs = bench.clock.monoUs() - 2_000_000;
    bench.camera.held = true;
    await bench.camera.isSilent(2900);
    assert.deepEqual(bench.alarms(), ["encoder-stalled"]);
    assert.equal(bench.writer.of("recording.stop")[0]?.reason, "encoder-stalled");
    const [gap] = bench.writer.gaps("encoder-stalled");
    assert.ok(gap !== undefined && isIdle(gap));
    assert.equal(gap.after, rec);
    assert.equal(gap.mono_from_us, lostMonoUs);
    assert.deepEqual(bench.camera.stopped, ["kill"]);
    await bench.camera.isSilent(1000);
    await bench.camera.films(1000);
    const [first, second] = bench.writer.gaps("encoder-stalled").filter(isIdle);
    assert.equal(second?.mono_from_us, first?.mono_to_us);
    assert.equal(bench.writer.of("recording.start")[1]?.continues, rec);
    await bench.recorder.stop();
    assertLiveRecordings(bench.writer);
  });

  it("that only pauses is left alone", async (t) => {
    const bench = new CameraBench(t);
    await bench.filming(4000);
    await bench.camera.isSilent(2400);
    await bench.camera.films(500);
    assert.deepEqual([bench.alarms(), bench.camera.opened], [[], 1]);
  });

  it("is not blamed when this process was held up itself", async (t) => {
    const bench = new CameraBench(t);
    await bench.filming(4000);
    bench.clock.advance(20_000);
    await settled();
    await bench.camera.isSilent(500);
    assert.deepEqual(bench.alarms(), []);
  });

  it("that is gone is asked for again and again, with one alarm and its whole absence signed", async (t) => {
    const bench = new CameraBench(t);
    await bench.filming(4000);
    bench.camera.broken = true;
    bench.camera.end({ kind: "failed", detail: "unplugged" });
    await bench.camera.isSilent(60_000);
    assert.ok(bench.camera.opened > 4 && bench.camera.opened < 30, `${bench.camera.opened}`);
    assert.deepEqual(bench.alarms(), ["camera-lost"]);
    bench.camera.broken = false;
    await bench.camera.isSilent(10_000);
    await bench.camera.films(500);
    const gaps = bench.writer.gaps("camera-lost").filter(isIdle);
    const total = (gaps.at(-1)?.mono_to_us ?? 0) - (gaps[0]?.mono_from_us ?? 0);
    assert.equal(gaps.length, 2);
    assert.equal(gaps[1]?.mono_from_us, gaps[0]?.mono_to_us);
    assert.equal(total, 70_500_000);
    assert.equal(bench.recorder.status().state.kind, "pre-event");
  });

  it("whose microphone is missing films on, with an alarm that ends when it is back", async (t) => {
    const bench = new CameraBench(t);
    bench.camera.deaf = true;
    await bench.filming(4000);
    assert.deepEqual(bench.alarms(), ["sound-lost"]);
    await bench.recording(1000);
    bench.camera.deaf = false;
    bench.camera.end({ kind: "killed", detail: "SIGKILL" });
    await bench.camera.isSilent(1000);
    await bench.camera.films(1000);
    assert.equal(bench.notices.filter(({ kind }) => kind === "sound").length, 1);
  });

  it("that was never there is signed too", async (t) => {
    const bench = new CameraBench(t);
    bench.camera.broken = true;
    bench.recorder.start();
    await settled();
    await bench.camera.isSilent(1000);
    assert.equal(await bench.recorder.record({ trigger: "button" }), null);
    bench.camera.broken = false;
    await bench.camera.isSilent(2000);
    await bench.camera.films(1000);
    const [gap] = bench.writer.gaps("camera-lost").filter(isIdle);
    assert.ok(gap !== undefined && gap.mono_to_us - gap.mono_from_us >= 3_000_000);
    assert.equal(gap.after, undefined);
    assert.equal(bench.writer.of("recording.start").length, 1);
  });

  it("whose clock strays ends the recording; the next stream is believed again", async (t) => {
    const bench = new CameraBench(t);
    await bench.filming(8000);
    const rec = await bench.recording(4000);
    bench.camera.skips(1500);
    await bench.camera.films(500);
    assert.equal(bench.writer.of("recording.stop")[0]?.reason, "clock-strayed");
    assert.ok(bench.writer.gaps("frames-lost").some(isIdle));
    await bench.camera.isSilent(1000);
    await bench.camera.films(4000);
    assert.equal(bench.writer.of("recording.start")[1]?.continues, rec);
    assert.equal(bench.writer.of("recording.stop").length, 1);
  });

  it("that speaks nonsense is restarted", async (t) => {
    const bench = new CameraBench(t);
    await bench.filming(4000);
    await bench.recording(1000);
    bench.camera.saysBytes(box("free"));
    await settled();
    assert.deepEqual(bench.alarms(), ["stream-broken"]);
    assert.equal(bench.recorder.status().counters["mp4-box-type"], 1);
    await bench.camera.isSilent(1000);
    await bench.camera.films(1000);
    assert.equal(bench.writer.of("recording.start").length, 2);
  });

  it("that has an end ends the recording with it and is not started again", async (t) => {
    const bench = new CameraBench(t, {}, { finite: true });
    await bench.filming(4000);
    await bench.recording(1000);
    bench.camera.end({ kind: "ended", detail: "" });
    await bench.camera.isSilent(5000);
    assert.equal(bench.writer.of("recording.stop")[0]?.reason, "source-ended");
    assert.deepEqual([bench.camera.opened, bench.alarms()], [1, []]);
    assert.deepEqual(bench.writer.of("device.gap"), []);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CameraBench } from "../../support/media/camera-bench.ts";
import { assertLiveRecordings, isIdle } from "../../support/media/recording-rules.ts";

describe("the evidence writer", () => {
  it("that is full stops the recording with an alarm and a gap, and keeps what it has", async (t) => {
    const bench = new CameraBench(t);
    await bench.filming(4000);
    const rec = await bench.recording(2000);
    bench.writer.fullFrom = bench.writer.entries.length;
    await bench.camera.films(4000);
    const [stop] = bench.writer.of("recording.stop");
    assert.equal(stop?.reason, "disk-full");
    assert.equal(stop?.chunks, bench.writer.chunks(rec).length);
    assert.deepEqual(bench.alarms(), ["disk-full"]);
    const [gap] = bench.writer.gaps("disk-full");
    assert.ok(gap !== undefined && isIdle(gap) && gap.after === rec);
    assert.equal(bench.recorder.status().state.kind, "pre-event");
    bench.writer.fullFrom = Number.POSITIVE_INFINITY;
    bench.recorder.resume();
    await bench.camera.films(2000);
    const [first, next] = bench.writer.of("recording.start");
    assert.deepEqual({ ...next, rec }, { ...first, pre_event_ms: next?.pre_event_ms, continues: rec });
    assert.equal(bench.writer.chunks(next?.rec ?? "")[1]?.key, true);
    await bench.recorder.stop();
    assertLiveRecordings(bench.writer);
  });

  it("that has room again does not go on with what was stopped meanwhile", async (t) => {
    const bench = new CameraBench(t);
    await bench.filming(4000);
    await bench.recording(2000);
    bench.writer.fullFrom = bench.writer.entries.length;
    await bench.camera.films(4000);
    assert.equal(await bench.recorder.stopRecording("button"), null);
    bench.writer.fullFrom = Number.POSITIVE_INFINITY;
    bench.recorder.resume();
    await bench.camera.films(2000);
    assert.equal(bench.writer.of("recording.start").length, 1);
  });

  it("that refuses the end of a stopped recording signs what is missing, and that is all", async (t) => {
    const bench = new CameraBench(t);
    await bench.filming(4000);
    const rec = await bench.recording(2000);
    bench.writer.fullFrom = bench.writer.entries.length;
    const stopping = bench.recorder.stopRecording("button");
    await bench.camera.films(500);
    const summary = await stopping;
    assert.ok(summary !== "resumed");
    assert.equal(summary?.reason, "button");
    const [gap] = bench.writer.gaps("disk-full");
    assert.ok(gap !== undefined && isIdle(gap) && gap.after === rec);
    bench.writer.fullFrom = Number.POSITIVE_INFINITY;
    bench.recorder.resume();
    await bench.camera.films(4000);
    assert.equal(bench.writer.of("recording.start").length, 1);
    assert.equal(bench.writer.gaps("disk-full").length, 1);
    assertLiveRecordings(bench.writer);
  });

  it("without room for a single entry gets the stop and the gaps when there is some", async (t) => {
    const bench = new CameraBench(t);
    await bench.filming(4000);
    const rec = await bench.recording(2000);
    bench.writer.full = true;
    await bench.camera.films(4000);
    await assert.rejects(bench.recorder.record({ trigger: "button" }), { code: "disk-full" });
    await bench.camera.films(4000);
    assert.equal(bench.writer.of("recording.stop").length, 0);
    bench.writer.full = false;
    bench.recorder.resume();
    await bench.camera.films(2000);
    await bench.recorder.stop();
    const starts = bench.writer.of("recording.start");
    assert.deepEqual(
      [starts.length, starts[1]?.continues, bench.writer.of("recording.stop").length],
      [2, rec, 2],
    );
    const gaps = bench.writer.gaps("disk-full").filter(isIdle);
    const signedUs = gaps.reduce((sum, gap) => sum + gap.mono_to_us - gap.mono_from_us, 0);
    assert.ok(signedUs >= 8_000_000, `${signedUs} µs`);
    assertLiveRecordings(bench.writer);
  });

  it("that falls behind costs a signed gap, not memory", async (t) => {
    const maxHeldBytes = 4000;
    const bench = new CameraBench(t, { maxHeldBytes });
    await bench.filming(4000);
    const rec = await bench.recording(2000);
    const release = bench.writer.hold();
    let heldBytes = 0;
    for (let s = 0; s < 60; s++) {
      await bench.camera.films(1000);
      heldBytes = Math.max(heldBytes, bench.recorder.status().heldBytes);
    }
    assert.ok(heldBytes > 0 && heldBytes <= maxHeldBytes, `${heldBytes}`);
    assert.deepEqual(bench.alarms(), ["overload"]);
    release();
    await bench.camera.films(4000);
    assert.equal(bench.writer.of("recording.stop")[0]?.reason, "overload");
    assert.equal(bench.writer.of("recording.start")[1]?.continues, rec);
    const gaps = bench.writer.gaps("overload").filter(isIdle);
    assert.ok((gaps.at(-1)?.mono_to_us ?? 0) - (gaps[0]?.mono_from_us ?? 0) > 50_000_000);
    await bench.recorder.stop();
    assertLiveRecordings(bench.writer);
  });

  it("that keeps up gets everything: the control", async (t) => {
    const bench = new CameraBench(t, { maxHeldBytes: 20_000 });
    await bench.filming(4000);
    await bench.recording(60_000);
    assert.deepEqual([bench.alarms(), bench.writer.of("device.gap")], [[], []]);
  });
});

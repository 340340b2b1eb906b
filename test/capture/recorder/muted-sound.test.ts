import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CameraBench } from "../../support/media/camera-bench.ts";
import { settled } from "../../support/media/scripted-camera.ts";

describe("muted sound", () => {
  it("is signed where it was silent", async (t) => {
    const bench = new CameraBench(t);
    await bench.filming(4000);
    const rec = await bench.recording(2000);
    assert.equal(bench.recorder.mute(true), true);
    await bench.camera.films(3000);
    bench.recorder.mute(false);
    await bench.camera.films(2000);
    assert.deepEqual(bench.camera.silences, [false, true, false]);
    assert.deepEqual(bench.writer.gaps("muted"), [
      { type: "device.gap", reason: "muted", rec, from_us: 5_900_000, to_us: 9_500_000 },
    ]);
  });

  it("is signed once, however often the button is pressed", async (t) => {
    const bench = new CameraBench(t);
    await bench.filming(4000);
    const rec = await bench.recording(2000);
    for (let i = 0; i < 100; i++) bench.recorder.mute(i % 2 === 0);
    await bench.camera.films(2000);
    assert.deepEqual(bench.writer.gaps("muted"), [
      { type: "device.gap", reason: "muted", rec, from_us: 5_900_000, to_us: 6_500_000 },
    ]);
    bench.recorder.mute(true);
    await bench.camera.films(1000);
    bench.recorder.mute(false);
    await bench.camera.films(1000);
    assert.equal(bench.writer.gaps("muted").length, 2);
  });

  it("that began before the first fragment is signed from the stream's start", async (t) => {
    const bench = new CameraBench(t);
    bench.recorder.start();
    await settled();
    bench.recorder.mute(true);
    await bench.recorder.record({ trigger: "button" });
    await bench.camera.films(2000);
    bench.recorder.mute(false);
    await bench.camera.films(1500);
    assert.deepEqual(
      bench.writer.gaps("muted").map((gap) => "rec" in gap && [gap.from_us, gap.to_us]),
      [[0, 2_500_000]],
    );
  });

  it("of a buffer without sound is signed, though the button was pressed before the first fragment", async (t) => {
    const bench = new CameraBench(t, { preEventSound: false });
    bench.recorder.start();
    await settled();
    await bench.recorder.record({ trigger: "button" });
    await bench.camera.films(2000);
    assert.deepEqual(bench.camera.silences, [true, false]);
    assert.deepEqual(
      bench.writer.gaps("muted").map((gap) => "rec" in gap && [gap.from_us, gap.to_us]),
      [[0, 1_000_000]],
    );
  });

  it("is signed up to the stop, and does not last into the next recording", async (t) => {
    const bench = new CameraBench(t);
    await bench.filming(4000);
    const rec = await bench.recording(2000);
    bench.recorder.mute(true);
    await bench.camera.films(1000);
    const stopping = bench.recorder.stopRecording("button");
    await bench.camera.films(500);
    await stopping;
    assert.deepEqual(bench.writer.gaps("muted"), [
      { type: "device.gap", reason: "muted", rec, from_us: 5_900_000, to_us: 7_500_000 },
    ]);
    assert.equal(bench.recorder.status().muted, false);
    assert.deepEqual(bench.camera.silences, [false, true, false]);
    await bench.camera.films(8000);
    await bench.recording(2000);
    assert.equal(bench.writer.gaps("muted").length, 1);
  });

  it("stays silent over the loss of the camera, and in the recording that continues", async (t) => {
    const bench = new CameraBench(t);
    await bench.filming(4000);
    await bench.recording(2000);
    bench.recorder.mute(true);
    await bench.camera.films(1000);
    bench.camera.end({ kind: "killed", detail: "SIGKILL" });
    await bench.camera.isSilent(1000);
    await bench.camera.films(2000);
    bench.recorder.mute(false);
    await bench.camera.films(2000);
    const [, next] = bench.writer.of("recording.start");
    assert.deepEqual(bench.writer.gaps("muted").at(-1), {
      ...{ type: "device.gap", reason: "muted", rec: next?.rec },
      ...{ from_us: 0, to_us: 2_500_000 },
    });
  });

  it("is what a pre-event buffer without sound is made of", async (t) => {
    const bench = new CameraBench(t, { preEventSound: false });
    await bench.filming(6000);
    const rec = await bench.recording(2000);
    assert.deepEqual(bench.camera.silences, [true, false]);
    assert.deepEqual(bench.writer.gaps("muted"), [
      { type: "device.gap", reason: "muted", rec, from_us: 0, to_us: 4_500_000 },
    ]);
  });
});

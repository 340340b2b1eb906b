import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Buttons } from "../../../../agent/recorder/board/buttons.ts";
import type { Button, Press } from "../../../../drivers/serial/board/messages/values.ts";
import { CameraBench } from "../../../support/media/camera-bench.ts";
import { settled } from "../../../support/media/scripted-camera.ts";

/** A recorder over a scripted camera, and its buttons. */
class Bench extends CameraBench {
  readonly buttons: Buttons;

  constructor(t: TestContext, settings: ConstructorParameters<typeof CameraBench>[1] = {}) {
    super(t, settings);
    this.buttons = new Buttons(this.recorder, "007001");
  }

  async press(button: Button, press: Press = "short", ageMs = 0) {
    const felt = await this.buttons.press({ kind: "button", button, press, ageMs });
    await settled();
    return felt;
  }

  get isRecording(): boolean {
    return this.recorder.status().recording !== null;
  }

  markers(): string[] {
    return this.writer.of("recording.marker").map(({ label, by }) => `${label} ${by}`);
  }
}

test("the record button starts and stops, with the wearer's id", async (t) => {
  const bench = new Bench(t);
  await bench.filming(2000);
  await bench.press("record");
  assert.equal(bench.isRecording, true);
  await bench.camera.films(1000);
  await bench.press("record");
  await bench.camera.films(1000);
  assert.equal(bench.isRecording, false);
  const [start] = bench.writer.of("recording.start");
  assert.deepEqual([start?.trigger, start?.wearer], ["button", "007001"]);
  assert.equal(bench.writer.of("recording.stop")[0]?.reason, "button");
});

test("a long press never stops, a double press marks what it starts, and a late press does not stop", async (t) => {
  const bench = new Bench(t);
  await bench.filming(2000);
  await bench.press("record", "long");
  await bench.press("record", "long");
  await bench.press("record", "short", 5001);
  await bench.camera.films(1000);
  assert.equal(bench.isRecording, true);
  assert.equal(await bench.press("record", "double"), "marked");
  assert.deepEqual(bench.markers(), ["important 007001"]);
  assert.equal(bench.writer.of("recording.start").length, 1);
  await bench.press("record", "short", 5000);
  await bench.camera.films(1000);
  assert.equal(bench.isRecording, false);
});

test("a press in the post-event time goes on", async (t) => {
  const bench = new Bench(t, { postEventMs: 5000 });
  await bench.filming(2000);
  await bench.press("record");
  await bench.camera.films(1000);
  await bench.press("record");
  await bench.camera.films(1000);
  await bench.press("record");
  await bench.camera.films(8000);
  assert.equal(bench.isRecording, true);
});

test("a press while the camera is away is a wish, and a second one takes it back", async (t) => {
  const bench = new Bench(t);
  bench.recorder.start();
  await bench.press("record");
  assert.equal(bench.isRecording, false);
  await bench.press("record");
  await settled();
  await bench.camera.films(2000);
  assert.equal(bench.isRecording, false);
});

test("SOS starts and marks, at once or as soon as the recording begins", async (t) => {
  const bench = new Bench(t);
  await bench.filming(2000);
  assert.equal(await bench.press("sos", "long"), "sos");
  assert.deepEqual(bench.markers(), ["sos 007001"]);
  assert.equal(bench.writer.of("recording.start")[0]?.trigger, "sos");

  const waiting = new Bench(t);
  waiting.recorder.start();
  await settled();
  assert.equal(await waiting.press("sos"), null);
  await waiting.camera.films(1000);
  await waiting.buttons.begun();
  assert.deepEqual(waiting.markers(), ["sos 007001"]);
  await waiting.buttons.begun();
  assert.deepEqual(waiting.markers(), ["sos 007001"]);
});

test("markers and mute without a recording", async (t) => {
  const bench = new Bench(t);
  await bench.filming(2000);
  assert.equal(await bench.press("mark"), "refused");
  await bench.press("record");
  assert.equal(await bench.press("mark"), "marked");
  assert.equal(await bench.press("mark", "long"), "marked");
  assert.deepEqual(bench.markers(), ["button 007001", "important 007001"]);
  assert.equal(await bench.press("mute"), "muted");
  assert.equal(await bench.press("mute", "short", 6000), null);
  assert.equal(bench.recorder.status().muted, true);
  assert.equal(await bench.press("mute"), "unmuted");
});

test("a photo carries who took it; one without pictures is refused by its code", async (t) => {
  const bench = new Bench(t);
  await assert.rejects(bench.press("photo"), { code: "camera-not-ready" });
  await bench.filming(2000);
  const photo = bench.press("photo");
  await bench.camera.films(500);
  assert.equal(await photo, null);
  assert.equal(bench.writer.of("recording.photo")[0]?.by, "007001");
});

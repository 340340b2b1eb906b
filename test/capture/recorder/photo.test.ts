import assert from "node:assert/strict";
import { test } from "node:test";
import type { MakeStill } from "../../../capture/source/still.ts";
import { CameraBench } from "../../support/media/camera-bench.ts";
import { settled } from "../../support/media/scripted-camera.ts";

/** Keeps what it was asked to decode, and answers when told. */
class Decoder {
  readonly asked: { bytes: number; fromUs: number }[] = [];
  readonly #pending: (() => void)[] = [];
  readonly make: MakeStill = async (content, fromUs, signal) => {
    this.asked.push({ bytes: Buffer.concat(content).length, fromUs });
    await new Promise<void>((resolve, reject) => {
      this.#pending.push(resolve);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    return Buffer.from(`still ${this.asked.length}`);
  };

  async answer(): Promise<void> {
    this.#pending.shift()?.();
    await settled();
  }
}

test("photos are made one after the other, and a fifth at once is refused", async (t) => {
  const decoder = new Decoder();
  const bench = new CameraBench(t, {}, {}, { makeStill: decoder.make });
  await bench.filming(3000);
  const photos = Array.from({ length: 4 }, () => bench.recorder.photo());
  await assert.rejects(bench.recorder.photo(), { code: "photo-busy" });
  await bench.camera.films(500);
  for (let made = 1; made <= 4; made++) {
    assert.equal(decoder.asked.length, made);
    await decoder.answer();
  }
  await Promise.all(photos);
  assert.equal(bench.writer.of("recording.photo").length, 4);
  const again = bench.recorder.photo();
  await bench.camera.films(500);
  await decoder.answer();
  await again;
});

test("it waits for the fragment that holds the moment, and decodes from the keyframe before it", async (t) => {
  const decoder = new Decoder();
  const bench = new CameraBench(t, {}, {}, { makeStill: decoder.make });
  await bench.filming(3000);
  const photo = bench.recorder.photo();
  await settled();
  assert.equal(decoder.asked.length, 0);
  await bench.camera.films(500);
  // keyframes stand at 0 and 2 s; the moment is 3 s
  assert.equal(decoder.asked[0]?.fromUs, 1_000_000);
  await decoder.answer();
  await photo;
});

test("a camera that falls silent after the press gives the newest picture", async (t) => {
  const decoder = new Decoder();
  const bench = new CameraBench(t, {}, {}, { makeStill: decoder.make });
  await bench.filming(3000);
  bench.clock.advance(400);
  const photo = bench.recorder.photo();
  await settled();
  bench.clock.advance(2000);
  await settled();
  assert.equal(decoder.asked.length, 0);
  bench.clock.advance(1000);
  await settled();
  await decoder.answer();
  assert.equal((await photo).during, null);
});

test("without pictures there is no photo, and a stop does not wait for one", async (t) => {
  const decoder = new Decoder();
  const bench = new CameraBench(t, {}, {}, { makeStill: decoder.make });
  await assert.rejects(bench.recorder.photo(), { code: "camera-not-ready" });
  await bench.filming(2500);
  const photo = bench.recorder.photo();
  photo.catch(() => {});
  await bench.camera.films(500);
  const stopping = bench.recorder.stop();
  await assert.rejects(photo, { name: "AbortError" });
  for (let i = 0; i < 80; i++) await bench.camera.isSilent(100);
  await stopping;
  assert.deepEqual(bench.writer.of("recording.photo"), []);
});

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { ffmpegChildren, play, processName } from "../../support/media/ffmpeg.ts";
import { LiveBench, SMALL_CAMERA, until } from "../../support/media/live-bench.ts";
import { assertLiveRecordings, assertStartsAtZero } from "../../support/media/recording-rules.ts";

const NOTICED_WITHIN_MS = 3000;
const SYSTEM_PROGRAM = fileURLToPath(new URL("../../support/media/filming-program.js", import.meta.url));

describe("ffmpeg", { timeout: 60_000 }, () => {
  for (const [signal, reason] of [
    ["SIGKILL", "encoder-stalled"],
    ["SIGSTOP", "encoder-stalled"],
    ["SIGTERM", "camera-lost"],
  ] as const) {
    it(`that gets ${signal} is noticed within 3 s, signed, and recorded on`, async (t) => {
      const bench = new LiveBench(t, SMALL_CAMERA);
      const rec = await bench.recordFromStart();
      await bench.recorded(1500);
      const [pid] = ffmpegChildren();
      assert.ok(pid !== undefined);
      const lostMs = performance.now();
      process.kill(pid, signal);
      const gap = await bench.writer.until(`a gap after ${signal}`, () => bench.writer.of("device.gap")[0]);
      assert.ok(performance.now() - lostMs < NOTICED_WITHIN_MS, `${performance.now() - lostMs} ms`);
      assert.equal(gap.reason, reason);
      assert.ok("mono_from_us" in gap && gap.after === rec);
      const next = await bench.writer.until("the continuation", () => bench.writer.of("recording.start")[1]);
      assert.equal(next.continues, rec);
      assert.equal(processName(pid), null);
      await bench.recorded(500);
      await bench.recorder.stopRecording("button");
      assertLiveRecordings(bench.writer);
      assert.equal(play(bench.save(rec)).tracks.length, 2);
      assertStartsAtZero(play(bench.save(next.rec)).startS);
      assert.equal(ffmpegChildren().length, 1);
    });
  }

  it("does not outlive a recorder that was killed", async (t) => {
    const program: ChildProcess = spawn(process.execPath, [SYSTEM_PROGRAM], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    t.after(() => program.kill("SIGKILL"));
    assert.ok(program.stdout !== null);
    const [line] = await once(createInterface(program.stdout), "line");
    const pid = Number(line);
    assert.equal(processName(pid), "ffmpeg");
    program.kill("SIGKILL");
    await until("ffmpeg to be gone", () => processName(pid) === null, 5000);
  });
});

describe("a camera that is not there", { timeout: 30_000 }, () => {
  it("is an alarm, not an end, and leaves no process", async (t) => {
    const bench = new LiveBench(t, { kind: "v4l2", device: "/dev/video-of-nobody" });
    bench.recorder.start();
    await until("an alarm", () => bench.notices.some((notice) => notice.kind === "alarm"));
    assert.equal(await bench.recorder.record({ trigger: "button" }), null);
    await bench.recorder.stop();
    assert.deepEqual(ffmpegChildren(), []);
    assert.equal(bench.writer.gaps("camera-lost").length > 0, true);
  });

  it("is recorded when ffmpeg, which was missing, is installed", async (t) => {
    const bench = new LiveBench(t, SMALL_CAMERA);
    const { PATH } = process.env;
    t.after(() => {
      process.env["PATH"] = PATH;
    });
    const ffprobe = execFileSync("which", ["ffprobe"], { encoding: "utf8" }).trim();
    symlinkSync(ffprobe, join(bench.directory, "ffprobe"));
    process.env["PATH"] = bench.directory;
    bench.recorder.start();
    await until("two refusals", () => (bench.recorder.status().counters["camera-lost"] ?? 0) >= 2);
    const [alarm, ...others] = bench.notices.filter((notice) => notice.kind === "alarm");
    assert.match(alarm?.detail ?? "", /^camera-unavailable: ffmpeg/);
    assert.deepEqual(others, []);
    process.env["PATH"] = PATH;
    await until("pictures", () => bench.recorder.status().ring.spanMs > 0);
  });
});

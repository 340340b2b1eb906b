import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { listCameras, microphonesOf } from "../../../agent/probes/camera/devices.ts";
import { cameraFormats, formatsOf } from "../../../agent/probes/camera/formats.ts";
import { parseConfig } from "../../../config/load.ts";
import { recorder, withLine } from "../../config/sample-config.ts";
import { assertFitsSchema } from "../../support/cli-schema.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { fulltrace } from "../cli/command-line.ts";

const PICTURES = ["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25"];
const SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"];
const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "25"];

/** A film of 3 s. */
function film(t: TestContext, ...args: string[]): string {
  const path = join(temporaryDirectory(t), "film.mp4");
  execFileSync("ffmpeg", ["-v", "error", "-nostdin", ...args, "-t", "3", path]);
  return path;
}

async function test(...args: string[]) {
  const { exit, stdout, stderr } = await fulltrace(["camera", "test", ...args, "--json"]);
  assert.notEqual(stdout, "", stderr);
  const told = JSON.parse(stdout);
  assertFitsSchema("camera test", told);
  return { exit, told };
}

describe("camera test", () => {
  it("films with the recorder's own source, measures, and saves a picture once", async (t) => {
    const root = temporaryDirectory(t);
    const config = join(root, "agent.toml");
    writeFileSync(config, withLine(recorder, 'source = "testsrc"', 'source = "testsrc"\nsize = "320x240"'));
    const still = join(root, "still.jpg");
    const { told } = await test("--config", config, "--seconds", "1", "--still", still);
    assert.deepEqual(
      told.tracks.map(({ kind, codec }: { kind: string; codec: string }) => `${kind} ${codec}`),
      ["video h264", "audio aac"],
    );
    assert.equal(told.frames.expected, told.frames.seen);
    assert.equal(told.frames.per_s, 25);
    assert.ok(told.media_ms >= 1000 && told.bits_per_s > 10_000);
    assert.equal(told.still, still);
    assert.equal(readFileSync(still).readUInt16BE(0), 0xffd8);
    const again = await fulltrace(["camera", "test", "--config", config, "--still", still, "--json"]);
    assert.equal(again.exit, 2);
    assert.equal(JSON.parse(again.stderr).error.code, "file-exists");
  });

  it("counts dropped pictures, and tells by how much the sound is late", async (t) => {
    const dropping = film(
      t,
      ...[...PICTURES, "-itsoffset", "0.4", ...SOUND],
      ...["-vf", "select=not(between(n\\,30\\,39))", "-fps_mode", "vfr", ...H264, "-c:a", "aac"],
    );
    const still = join(temporaryDirectory(t), "still.jpg");
    const { exit, told } = await test("--camera", dropping, "--seconds", "2", "--still", still);
    assert.equal(told.frames.dropped, 10);
    assert.ok(told.complaints.includes("frames-dropped"));
    assert.equal(exit, 1);
    // AAC begins up to one frame of 21 ms before it is heard
    assert.ok(told.av_offset_ms > 340 && told.av_offset_ms < 430, `${told.av_offset_ms}`);
  });

  it("misses the sound that there should be, and finds no fault where there is none", async (t) => {
    const mute = film(t, ...PICTURES, ...H264);
    const folder = temporaryDirectory(t);
    const { told } = await test("--camera", mute, "--seconds", "1", "--still", join(folder, "1.jpg"));
    assert.ok(told.complaints.includes("no-sound"));
    assert.equal(told.frames.dropped, 0);
    assert.equal(told.av_offset_ms, undefined);
  });

  it("says why nothing can be filmed, and leaves no picture", async (t) => {
    const still = join(temporaryDirectory(t), "still.jpg");
    const gone = await fulltrace(["camera", "test", "--camera", "/dev/video99", "--still", still, "--json"]);
    assert.equal(gone.exit, 1);
    assert.equal(JSON.parse(gone.stderr).error.code, "camera-unavailable");
    assert.ok(!existsSync(still));
    assert.equal((await fulltrace(["camera", "test", "--json"])).exit, 2);
  });
});

describe("camera list and formats", () => {
  it("reads cameras, microphones and what the configuration films with, but no password", async (t) => {
    const root = temporaryDirectory(t);
    const folders = {
      video: join(root, "video4linux"),
      dev: join(root, "dev"),
      pcm: join(root, "pcm"),
      cards: join(root, "cards"),
    };
    mkdirSync(join(folders.dev, "v4l/by-id"), { recursive: true });
    for (const [name, index] of [
      ["video0", "0"],
      ["video1", "1"],
    ] as const) {
      mkdirSync(join(folders.video, name), { recursive: true });
      writeFileSync(join(folders.video, name, "name"), "USB Camera\n");
      writeFileSync(join(folders.video, name, "index"), `${index}\n`);
      writeFileSync(join(folders.dev, name), "");
    }
    const stable = join(folders.dev, "v4l/by-id/usb-camera-video-index0");
    symlinkSync("../../video0", stable);
    writeFileSync(
      folders.pcm,
      "00-00: ALC : ALC : playback 1\n01-00: USB Audio : USB Audio : playback 1 : capture 1\n",
    );
    writeFileSync(
      folders.cards,
      " 1 [Device         ]: USB-Audio - USB PnP Sound\n                      USB at usb-1\n",
    );
    const toml = withLine(
      recorder,
      'source = "testsrc"',
      'source = "rtsp"\nurl = "rtsp://10.0.0.9/s"\nusername = "u"',
    );
    const seen = await listCameras(parseConfig(toml, join(root, "agent.toml")), folders);
    assertFitsSchema("camera list", seen);
    assert.deepEqual(
      seen.cameras.map(({ device, first_node: isFirst, stable: path }) => [device, isFirst, path]),
      [
        [join(folders.dev, "video0"), true, stable],
        [join(folders.dev, "video1"), false, undefined],
      ],
    );
    assert.deepEqual(seen.microphones, [{ device: "hw:1,0", name: "USB PnP Sound" }]);
    assert.deepEqual(seen.configured, { source: "rtsp", at: "rtsp://10.0.0.9/s" });
    assert.deepEqual(microphonesOf("", ""), []);
  });

  it("reads ffmpeg's list of formats, and tells a camera that is not there", async () => {
    const listing = [
      "[video4linux2,v4l2 @ 0x55] Raw       :     yuyv422 :           YUYV 4:2:2 : 640x480 1280x720",
      "[video4linux2,v4l2 @ 0x55] Compressed:       mjpeg :          Motion-JPEG : 1920x1080",
      "[video4linux2,v4l2 @ 0x55] Raw       :       nv12 :      Y/UV 4:2:0 : {32-2592, 2}x{32-1944, 2}",
      "/dev/video0: Immediate exit requested",
    ].join("\n");
    const formats = formatsOf(listing);
    assert.deepEqual(formats, [
      { format: "yuyv422", compressed: false, name: "YUYV 4:2:2", sizes: ["640x480", "1280x720"] },
      { format: "mjpeg", compressed: true, name: "Motion-JPEG", sizes: ["1920x1080"] },
      { format: "nv12", compressed: false, name: "Y/UV 4:2:0", sizes: ["{32-2592, 2}x{32-1944, 2}"] },
    ]);
    assertFitsSchema("camera formats", { device: "/dev/video0", formats });
    await assert.rejects(cameraFormats("/dev/video99", new AbortController().signal), {
      code: "camera-unavailable",
    });
  });
});

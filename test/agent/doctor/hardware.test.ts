import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Case, caseOf, liveStatus, recorderCase } from "../../support/doctor/patient.ts";
import { PluggedBoard, PluggedGnss } from "../../support/serial/serial-devices.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { FakeKernel } from "../../support/usb/fake-kernel.ts";

test("cameras and microphones: what the recorder would film with is looked at, its formats told", async (t) => {
  const film = join(temporaryDirectory(t), "film.mp4");
  const make = (...args: string[]) =>
    execFileSync("ffmpeg", ["-v", "error", "-nostdin", "-y", ...args, "-t", "0.2", film]);
  const pictures = ["-f", "lavfi", "-i", "testsrc2=size=64x64"];
  make(...pictures, "-f", "lavfi", "-i", "sine", "-c:v", "mpeg4", "-c:a", "aac");
  const filming = (more = "") => recorderCase(t, more, `source = "file", path = ${JSON.stringify(film)}`);
  const whole = filming();
  assert.match(await whole.seen("cameras"), /"place":"file .*film.mp4","formats":"mpeg4"/);
  assert.match(await whole.seen("microphones"), /"formats":"aac"/);
  make(...pictures, "-c:v", "mpeg4");
  const mute = filming();
  assert.deepEqual([await mute.status("cameras"), await mute.status("microphones")], ["ok", "fail"]);
  assert.equal(await filming("audio = { enabled = false }").status("microphones"), "warn");
  writeFileSync(film, "no film");
  assert.equal(await filming().status("cameras"), "fail");
  const held = filming();
  assert.equal(
    await held.status("cameras", { live: liveStatus() }),
    "ok",
    "it is not opened beside the agent",
  );
});

test("cameras: one by RTSP that does not answer, and devices that are not there", async (t) => {
  const network = recorderCase(t, "", 'source = "rtsp", url = "rtsp://127.0.0.1:1/stream"');
  assert.equal(await network.status("cameras"), "fail");
  assert.match(await network.seen("cameras"), /camera-unavailable/);
  const device = recorderCase(t, "", 'source = "v4l2", device = "/dev/no-camera"');
  assert.match(await device.seen("cameras"), /not there/);
  assert.equal(await device.status("microphones"), "warn", "none is configured");
});

test("ffmpeg and encoders: the program that is found, and an encoder that it lacks", async (t) => {
  const { status, seen } = recorderCase(t);
  assert.equal(await status("ffmpeg"), "ok");
  assert.equal(await status("encoders"), "ok");
  const folder = temporaryDirectory(t);
  const path = process.env["PATH"];
  t.after(() => {
    process.env["PATH"] = path;
  });
  process.env["PATH"] = folder;
  assert.equal(await status("ffmpeg"), "fail");
  const fake = join(folder, "ffmpeg");
  writeFileSync(fake, "#!/bin/sh\necho ' A..... aac  AAC'\n");
  chmodSync(fake, 0o755);
  assert.equal(await status("encoders"), "fail");
  assert.match(await seen("encoders"), /"names":"libx264"/);
});

test("serial ports, board and GNSS: missing, answering, silent", async (t) => {
  const missing = recorderCase(t, 'board = { device = "/dev/no-board" }\ngnss = { device = "/dev/no-gnss" }');
  for (const id of ["serial-ports", "board", "gnss"]) assert.equal(await missing.status(id), "fail", id);
  const none = recorderCase(t);
  assert.deepEqual(
    [await none.status("serial-ports"), await none.status("board"), await none.status("gnss")],
    ["ok", "skipped", "skipped"],
  );
  const board = await PluggedBoard.open(t);
  const gnss = await PluggedGnss.open(t);
  const lines = recorderCase(
    t,
    `board = { device = ${JSON.stringify(board.path)} }\ngnss = { device = ${JSON.stringify(gnss.path)} }`,
  );
  assert.match(await lines.seen("serial-ports"), /board.* gnss/);
  assert.match(await lines.seen("board"), /answered in/);
  assert.match(await lines.seen("gnss"), /valid fix/);
  assert.equal(await lines.status("board", { silence: "control-timeout" }), "skipped", "the agent has it");
  const gone = { live: liveStatus({ board: { connected: false } }) };
  assert.equal(await lines.status("board", gone), "fail");
  const searching = { live: liveStatus({ gnss: { fix: false, time: false } }) };
  assert.equal(await lines.status("gnss", searching), "warn");
});

function dock(t: Parameters<typeof caseOf>[0]): Case & { kernel: FakeKernel } {
  const file = join(temporaryDirectory(t), "dock.toml");
  writeFileSync(file, 'role = "dock"\ndata_dir = "."\ndevice = { model = "m", serial = "s" }\n');
  const found = caseOf(t, file);
  return { ...found, kernel: new FakeKernel(found.machine.usb) };
}

test("USB: no USB at all, a recorder that nobody has, one that another program has", async (t) => {
  const { status, seen, machine, kernel } = dock(t);
  assert.equal(await status("usb-devices"), "fail", "a dock without USB empties nothing");
  assert.equal(await recorderCase(t).status("usb-devices"), "skipped");
  mkdirSync(machine.usb.devices);
  assert.equal(await status("usb-devices"), "ok");
  assert.match(await seen("usb-drivers"), /no recorder/);
  kernel.insert("1-1.4", ["06", "01", "01"]);
  assert.match(await seen("usb-devices"), /"count":1,"names":"1-1.4 05c6:9025 Cam"/);
  assert.match(await seen("usb-drivers"), /1-1.4 mtp: –/);
  assert.equal(await status("usb-drivers"), "ok");
  kernel.remove("1-1.4");
  kernel.insert("1-1.4", ["06", "01", "01"], "usbfs");
  assert.equal(await status("usb-drivers"), "warn");
  assert.equal(await status("usb-drivers", { live: liveStatus({ role: "dock" }) }), "ok", "the dock itself");
});

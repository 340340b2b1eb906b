import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, statSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../config/base/clock.ts";
import { errorCode } from "../../config/base/errors.ts";
import { content, fileAt, going, listing } from "../contract/recorder/calls.ts";
import { askHost, hardware } from "./support/host.ts";
import { Plugged } from "./support/plugged.ts";

// The MTP driver over libusb, against a responder that is not ours.

const TEST_MS = 200_000;
const SAVE = fileURLToPath(new URL("./support/mtp-save.js", import.meta.url));
/** Both in memory. */
const SAVED = "/tmp/saved";
const YARDSTICK = "/tmp/yardstick";
const LONG = hardware.mtp.find(({ path }) => path.endsWith("/LONG.MP4")) ?? hardware.mtp[0];
const TIMED = hardware.mtp.find(({ path }) => path.endsWith("/TIMED.MP4")) ?? hardware.mtp[0];
const plugged = new Plugged(({ interfaces }) => interfaces.some((one) => one.class === 6));

before(() => plugged.watch());
after(() => plugged.close());

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("every file of the card is listed with its length and read whole", { timeout: TEST_MS }, async () => {
  const driver = await plugged.openMtp();
  try {
    const { serial } = await driver.identify(going());
    assert.notEqual(serial, "");
    const listed = (await listing(driver)).flatMap((one) =>
      one.kind === "file" ? [[one.file.path, one.file.bytes]] : [],
    );
    assert.deepEqual(listed.sort(), hardware.mtp.map(({ path, bytes }) => [path, bytes]).sort());
    for (const { path, bytes, sha256 } of hardware.mtp) {
      assert.equal(digest(await content(driver, await fileAt(driver, path), 0, bytes)), sha256, path);
    }
  } finally {
    await driver.close();
  }
});

test("a read goes on at the byte after an unplug, and the file is whole", { timeout: TEST_MS }, async () => {
  assert.ok(LONG !== undefined);
  for (const unplugAt of [100_000, 3_000_000, 9_000_001]) {
    const driver = await plugged.openMtp();
    const file = await fileAt(driver, LONG.path);
    const taken: Buffer[] = [];
    let takenBytes = 0;
    let unplugging: Promise<void> | null = null;
    const reading = (async () => {
      for await (const piece of driver.read(file, 0, LONG.bytes, going())) {
        taken.push(Buffer.from(piece));
        takenBytes += piece.length;
        if (takenBytes >= unplugAt) unplugging ??= askHost({ kind: "unplug", device: "mtp" });
        // the last part waits for the hand at the plug
        if (takenBytes >= unplugAt + 1_000_000) await unplugging;
      }
    })();
    await assert.rejects(reading, (error) => errorCode(error) === "recorder-gone");
    await unplugging;
    await driver.close();
    await plugged.isGone();
    await askHost({ kind: "plug", device: "mtp" });

    const again = await plugged.openMtp();
    try {
      const same = await fileAt(again, LONG.path);
      const rest = await content(again, same, takenBytes, LONG.bytes - takenBytes);
      assert.ok(rest.length > 0 && rest.length < LONG.bytes);
      assert.equal(digest(Buffer.concat([...taken, rest])), LONG.sha256, `unplugged at ${unplugAt}`);
    } finally {
      await again.close();
    }
  }
});

test("a file that is removed is gone from the card, and no other", { timeout: TEST_MS }, async () => {
  const driver = await plugged.openMtp();
  try {
    await driver.remove(await fileAt(driver, "DCIM/101MEDIA/DELETE.MP4"), going());
    const left = (await listing(driver)).flatMap((one) => (one.kind === "file" ? [one.file.path] : []));
    const wanted = hardware.mtp.map(({ path }) => path).filter((path) => !path.endsWith("/DELETE.MP4"));
    assert.deepEqual(left.sort(), wanted.sort());
  } finally {
    await driver.close();
  }
});

test("a download is as fast as that of libmtp", { timeout: TEST_MS }, async () => {
  assert.ok(TIMED !== undefined);
  const startUs = systemClock.monoUs();
  const tookMs = new Map<string, number[]>([YARDSTICK, SAVED].map((path) => [path, []]));
  const id = idOf("TIMED.MP4");
  for (let round = 0; round < 3; round++) {
    for (const path of [YARDSTICK, SAVED]) rmSync(path, { force: true });
    run("mtp-getfile", [id, YARDSTICK]);
    run(process.execPath, [SAVE, TIMED.path, SAVED]);
    for (const path of [YARDSTICK, SAVED]) {
      assert.equal(digest(readFileSync(path)), TIMED.sha256);
      tookMs.get(path)?.push(takenMs(path));
    }
  }
  const speed = (path: string) => TIMED.bytes / 2 ** 20 / (Math.min(...(tookMs.get(path) ?? [])) / 1000);
  await askHost({
    kind: "measured",
    measurement: {
      name: "MTP download beside mtp-getfile",
      value: speed(SAVED),
      unit: "MiB/s",
      yardstick: speed(YARDSTICK),
      atLeast: 0.9,
      seconds: (systemClock.monoUs() - startUs) / 1e6,
    },
  });
});

/** A program that saves a file of the card. */
function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: TEST_MS });
  assert.equal(status, 0, stderr);
}

/** From when a file was made to its last byte, as the kernel has noted it: opening and listing are left out. */
function takenMs(path: string): number {
  const { birthtimeMs, mtimeMs } = statSync(path);
  assert.ok(birthtimeMs > 0 && mtimeMs > birthtimeMs);
  return mtimeMs - birthtimeMs;
}

function idOf(name: string): string {
  const { stdout } = spawnSync("mtp-files", { encoding: "utf8", timeout: TEST_MS });
  const found = new RegExp(`File ID: (\\d+)\\s+Filename: ${name}`).exec(stdout)?.[1];
  assert.ok(found !== undefined, stdout);
  return found;
}

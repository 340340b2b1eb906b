import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { systemClock } from "../../config/base/clock.ts";
import { errorCode } from "../../config/base/errors.ts";
import { content, fileAt, going, listing } from "../contract/recorder/calls.ts";
import { askHost, hardware } from "./support/host.ts";
import { Plugged } from "./support/plugged.ts";

// The MTP driver over libusb, against a responder that is not ours.

const TEST_MS = 200_000;
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
  const theirs: number[] = [];
  const ours: number[] = [];
  const id = idOf("TIMED.MP4");
  for (let round = 0; round < 3; round++) {
    theirs.push(await libmtpMs(id));
    const driver = await plugged.openMtp();
    const file = await fileAt(driver, TIMED.path);
    const fromUs = systemClock.monoUs();
    let bytes = 0;
    for await (const piece of driver.read(file, 0, TIMED.bytes, going())) bytes += piece.length;
    ours.push((systemClock.monoUs() - fromUs) / 1000);
    assert.equal(bytes, TIMED.bytes);
    await driver.close();
  }
  const speed = (ms: number[]) => TIMED.bytes / 2 ** 20 / (Math.min(...ms) / 1000);
  await askHost({
    kind: "measured",
    measurement: {
      name: "MTP download beside mtp-getfile",
      value: speed(ours),
      unit: "MiB/s",
      yardstick: speed(theirs),
      atLeast: 0.9,
      seconds: (systemClock.monoUs() - startUs) / 1e6,
    },
  });
});

function idOf(name: string): string {
  const { stdout } = spawnSync("mtp-files", { encoding: "utf8", timeout: TEST_MS });
  const found = new RegExp(`File ID: (\\d+)\\s+Filename: ${name}`).exec(stdout)?.[1];
  assert.ok(found !== undefined, stdout);
  return found;
}

/** From the first to the last sign of progress of `mtp-getfile`: its opening and listing are left out. */
async function libmtpMs(id: string): Promise<number> {
  const child = spawn("mtp-getfile", [id, "/tmp/yardstick"], { stdio: ["ignore", "pipe", "inherit"] });
  const seenUs: number[] = [];
  let told = "";
  child.stdout.on("data", (text: Buffer) => {
    told += text;
    if (String(text).includes("Progress")) seenUs.push(systemClock.monoUs());
  });
  const [code] = (await once(child, "close")) as [number | null];
  assert.equal(code, 0, told);
  assert.ok(seenUs.length > 2, told);
  return ((seenUs.at(-1) ?? 0) - (seenUs[0] ?? 0)) / 1000;
}

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { errorCode } from "../../config/base/errors.ts";
import { content, fileAt, going } from "../contract/recorder/calls.ts";
import { eventually } from "../support/waiting.ts";
import { COMPOSITE, CompositeCamera } from "./support/composite-camera.ts";
import { Plugged } from "./support/plugged.ts";

// One device with MTP, a serial port and a disk, pulled out in the middle of a transfer.

const TEST_MS = 150_000;
const APPEAR_MS = 60_000;
const FILM = "DCIM/CLIP0001.MP4";
const film = randomBytes(6 * 2 ** 20 + 17);
const camera = new CompositeCamera();
const plugged = new Plugged(
  ({ vendorId, productId }) => vendorId === COMPOSITE.vendorId && productId === COMPOSITE.productId,
);

before(async () => {
  await camera.build(new Map([[FILM, film]]));
  await camera.plug();
  await plugged.watch();
});
after(async () => {
  await plugged.close();
  await camera.end();
});

test("the device shows its three faces", { timeout: TEST_MS }, async () => {
  const { serial, interfaces } = await plugged.device();
  assert.equal(serial, COMPOSITE.serial);
  for (const wanted of [6, 2, 8])
    assert.ok(
      interfaces.some((one) => one.class === wanted),
      `class ${wanted}`,
    );
  const hasPort = () =>
    existsSync("/dev/serial/by-id") &&
    readdirSync("/dev/serial/by-id").some((name) => name.includes(COMPOSITE.serial));
  const hasDisk = () => readdirSync("/dev/disk/by-id").some((name) => name.includes(COMPOSITE.serial));
  await eventually("its serial port", hasPort, APPEAR_MS);
  await eventually("its disk", hasDisk, APPEAR_MS);
});

test("a film is whole although the camera was pulled out twice", { timeout: TEST_MS }, async () => {
  let taken = Buffer.alloc(0);
  for (const unplugAt of [100_000, 4_000_001]) {
    const driver = await plugged.openMtp();
    const file = await fileAt(driver, FILM);
    let isIn = true;
    const reading = (async () => {
      for await (const piece of driver.read(file, taken.length, film.length - taken.length, going())) {
        taken = Buffer.concat([taken, piece]);
        if (isIn && taken.length >= unplugAt) {
          isIn = false;
          camera.unplug();
        }
      }
    })();
    await assert.rejects(reading, (error) => errorCode(error) === "recorder-gone");
    await driver.close();
    await plugged.isGone();
    await camera.plug();
  }
  const driver = await plugged.openMtp();
  const file = await fileAt(driver, FILM);
  const rest = await content(driver, file, taken.length, film.length - taken.length);
  await driver.close();
  assert.ok(Buffer.concat([taken, rest]).equals(film));
});

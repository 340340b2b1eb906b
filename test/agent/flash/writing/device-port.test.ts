import assert from "node:assert/strict";
import { constants, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { newBlock } from "../../../../agent/flash/writing/blocks.ts";
import { type DevicePort, openDevice } from "../../../../agent/flash/writing/device-port.ts";
import { cannotMount, cardDisk } from "../../../support/cards/card-image.ts";
import { MemoryPort } from "../../../support/flash/memory-port.ts";
import { seededRandom, temporaryDirectory } from "../../../support/surroundings.ts";

const BYTES = 8 * 2 ** 20;
const ALIGNMENT = 4096;

/** What every device does, real or not: the writing is built on nothing else. */
async function keepsContract(port: DevicePort, hasEnd: boolean): Promise<void> {
  const given = newBlock();
  given.set(seededRandom("given").bytes(given.length));
  const taken = newBlock();
  for (const at of [0, port.alignment, 3 * 2 ** 20]) {
    assert.equal(await port.write(given, at), given.length);
    await port.sync();
    assert.equal(await port.read(taken, at), taken.length);
    assert.ok(Buffer.from(taken.buffer).equals(Buffer.from(given.buffer)), `at ${at}`);
  }
  // half of what is asked for lies behind the end
  assert.equal(await port.read(taken, BYTES - taken.length / 2), taken.length / 2);
  assert.equal(await port.read(taken, BYTES), 0);
  if (hasEnd) {
    const written = await port.write(given, BYTES).catch(({ code }) => code);
    assert.ok(written === 0 || written === "ENOSPC", String(written));
  }
  await port.close();
}

function fileOf(t: TestContext): string {
  const path = join(temporaryDirectory(t), "disk");
  writeFileSync(path, "");
  truncateSync(path, BYTES);
  return path;
}

test("a file keeps the contract of a device", async (t) => {
  const path = fileOf(t);
  await keepsContract(
    openDevice({ path, flags: constants.O_RDWR, bytes: BYTES, alignment: ALIGNMENT, isFile: true }),
    false,
  );
});

test("so does memory", async () => {
  await keepsContract(new MemoryPort(BYTES), true);
  await assert.rejects(keepsContract(new MemoryPort(BYTES, { liesAt: 5000 }), true), /at 4096|at 0|at 512/);
});

test("so does a block device", { skip: cannotMount("ext4") }, async (t) => {
  const { path } = cardDisk(t, "ext4", BYTES);
  const flags = constants.O_RDWR | constants.O_EXCL;
  const port = openDevice({ path, flags, bytes: BYTES, alignment: 512, isFile: false });
  assert.ok(port.isDirect);
  assert.throws(() => openDevice({ path, flags, bytes: BYTES, alignment: 512, isFile: false }), {
    code: "EBUSY",
  });
  await keepsContract(port, true);
});

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { BayStatus } from "../../agent/control/methods/dock-methods.ts";
import { systemClock } from "../../config/base/clock.ts";
import { virtualDisk } from "../../drivers/simulator/recorders/disk.ts";
import { type Plugged, plugIn } from "../../drivers/usb/virtual/plug-in.ts";
import { fulltrace } from "../../scripts/demo/agent-process.ts";
import { Office } from "../support/agents/office.ts";
import { entriesOf } from "../support/ledger/bodies.ts";

const WAIT_MS = 60_000;
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

/** A hub with one disk whose card is a folder. */
async function dockDisk(hub: string, port: string, card: string): Promise<Plugged> {
  mkdirSync(hub, { recursive: true });
  symlinkSync(card, join(hub, `${port}.card`));
  return await plugIn(hub, port, virtualDisk("ACME    BWC DISK        1.00", systemClock), systemClock);
}

async function bayIs(office: Office, state: BayStatus["state"]): Promise<BayStatus> {
  const endMs = Date.now() + WAIT_MS;
  for (;;) {
    const { bays } = await office.recorder.call("dock.bays", {});
    const bay = bays.find((candidate) => candidate.bay === "1");
    if (bay?.state === state) return bay;
    if (Date.now() > endMs) throw new Error(`bay is ${JSON.stringify(bay)}, not ${state}`);
    await delay(50);
  }
}

test("a recorder's files end in the receiver's ledger, bit for bit, and only then leave its card", async (t) => {
  const office = await Office.open(t);
  const { layout } = office;
  const hub = join(layout.root, "hub");
  const dock = office.beDock({
    usb: "virtual",
    hub,
    bays: [{ port: "1-1.1", name: "1" }],
    recorders: ["0001"],
    ready_without: ["clock", "battery"],
  });
  const card = join(layout.root, "card");
  mkdirSync(join(card, "DCIM"), { recursive: true });
  const files = new Map([
    ["DCIM/DCAM_C1_110042_20261123_080000_IMP.mp4", randomBytes(9_000_000)],
    ["DCIM/b.mp4", randomBytes(1_000)],
    ["empty.log", Buffer.alloc(0)],
  ]);
  for (const [name, bytes] of files) writeFileSync(join(card, name), bytes);
  await dock.start();
  const plugged = await dockDisk(hub, "1-1.1", card);
  t.after(() => plugged.unplug());

  await bayIs(office, "awaiting-receipts");
  const unsafe = await fulltrace(["dock", "show", "1", "--data", layout.recorder]);
  assert.equal(unsafe.code, 1);
  assert.match(unsafe.stdout, /NOT SAFE TO WIPE/);
  for (const name of files.keys()) assert.ok(existsSync(join(card, name)), "nothing goes before its receipt");

  await office.receiver.start();
  await bayIs(office, "ready");
  for (const name of files.keys()) assert.ok(!existsSync(join(card, name)), name);
  await plugged.unplug();
  await bayIs(office, "empty");
  await office.settle();
  await dock.stop();

  const stops = new Map(entriesOf(layout.recorder, "recording.stop").map((stop) => [stop.rec, stop]));
  const starts = entriesOf(layout.recorder, "recording.start");
  assert.deepEqual(
    new Map(
      starts.map((start) => [(start.source as { path: string }).path, stops.get(start.rec)?.file_digest]),
    ),
    new Map([...files].map(([name, bytes]) => [name, sha256(bytes)])),
  );
  assert.equal(entriesOf(layout.recorder, "recording.marker").length, 1);
  assert.equal(entriesOf(layout.recorder, "dock.wipe").length, 3);
  const [account] = entriesOf(layout.recorder, "dock.account");
  assert.deepEqual([account?.files, account?.imported, account?.wiped, account?.left_out], [3, 3, 3, 0]);
  assert.equal((await office.verdictOn(layout.recorder)).verdict, "authentic");
  assert.equal((await office.verdictOn(layout.replica)).verdict, "authentic");
  assert.deepEqual(readdirSync(join(card, "DCIM")), []);
});

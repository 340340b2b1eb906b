import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { BayStatus } from "../../agent/control/methods/dock-methods.ts";
import { fulltrace } from "../../scripts/demo/agent-process.ts";
import { Office } from "../support/agents/office.ts";
import { simulate } from "../support/agents/simulator.ts";
import { entriesOf } from "../support/ledger/bodies.ts";

const WAIT_MS = 120_000;
const BYTES = 4_000_000;
const IMPORTANT = "DCIM/DCAM_C1_110042_20261123_080000_IMP.mp4";

/** Path below the folder, and SHA-256 of each file in it, as `sha256sum` would say. */
function digestsOf(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [relative(folder, path), createHash("sha256").update(readFileSync(path)).digest("hex")];
    }),
  );
}

/** What the ledger says of the files of one recorder. */
function importedOf(dataDir: string, serial: string): Map<string, unknown> {
  const stops = new Map(entriesOf(dataDir, "recording.stop").map((stop) => [stop.rec, stop]));
  const sources = entriesOf(dataDir, "recording.start").map(({ rec, source }) => ({
    rec,
    ...(source as { path: string; serial: string }),
  }));
  const own = sources.filter((source) => source.serial === serial);
  return new Map(own.map(({ rec, path }) => [path, stops.get(rec)?.file_digest]));
}

function makeCard(folder: string, paths: readonly string[]): Map<string, string> {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), randomBytes(BYTES));
  }
  return digestsOf(folder);
}

async function until(office: Office, what: string, isSo: (bays: BayStatus[]) => boolean): Promise<void> {
  const endMs = Date.now() + WAIT_MS;
  for (;;) {
    const { bays } = await office.recorder.call("dock.bays", {});
    if (isSo(bays)) return;
    if (Date.now() > endMs) throw new Error(`not ${what}: ${JSON.stringify(bays)}`);
    await delay(100);
  }
}

async function dockWith(t: TestContext, ports: number) {
  const office = await Office.open(t);
  const hub = join(office.layout.root, "hub");
  const dock = office.beDock({
    usb: "virtual",
    hub,
    bays: Array.from({ length: ports }, (_, i) => ({ port: `1-1.${i + 1}`, name: String(i + 1) })),
    wipe_unknown: true,
    ready_without: ["clock", "battery"],
  });
  await office.receiver.start();
  await dock.start();
  return { office, hub, dock };
}

test("recorders of three makes are emptied and made ready, one of them over two bays", async (t) => {
  const { office, hub, dock } = await dockWith(t, 4);
  const cards = ["mtp", "jieli", "disk"].map((make) => join(office.layout.root, `card-${make}`));
  const [mtpCard = "", jieliCard = "", diskCard = ""] = cards;
  const digests = cards.map((card) => makeCard(card, [IMPORTANT, "执法记录/路口处置.mp4"]));
  const plug = (make: string, port: string, card: string, ...more: string[]) =>
    simulate(t, "en", "recorder", "--make", make, "--hub", hub, "--port", port, "--card", card, ...more);
  const mtp = plug("mtp", "1-1.1", mtpCard, "--serial", "M000001", "--clock-off", "-7200");
  await mtp.tells("plugged into port 1-1.1");
  mtp.type(`unplug-at ${BYTES + BYTES / 2}`);
  const jieli = plug("jieli", "1-1.2", jieliCard, "--serial", "J000002", "--wearer", "110042");
  const disk = plug("disk", "1-1.3", diskCard, "--serial", "D000003");

  await mtp.tells("unplugged");
  await until(office, "bay 1 empty", (bays) => bays.find(({ bay }) => bay === "1")?.state === "empty");
  mtp.type("replug 1-1.4");
  await until(office, "three ready", (bays) =>
    ["2", "3", "4"].every((name) => bays.find(({ bay }) => bay === name)?.state === "ready"),
  );
  const { bays } = await office.recorder.call("dock.bays", {});
  const recorders = new Map(bays.map(({ bay, recorder }) => [bay, recorder]));
  assert.equal(recorders.get("2")?.wearer, "110042");
  assert.equal(recorders.get("2")?.serial, "DV16A1-J000002");
  assert.equal(recorders.get("4")?.on_time, true);
  assert.equal(recorders.get("2")?.on_time, true);
  for (const one of [mtp, jieli]) await one.tells("clock set to ");
  await jieli.tells("becomes a disk");
  await mtp.tells("read to the end: 执法记录/路口处置.mp4");
  for (const one of [mtp, jieli, disk]) await one.tells(`removed: ${IMPORTANT}`);
  for (const card of cards) assert.equal(digestsOf(card).size, 0);
  for (const one of [mtp, jieli, disk]) {
    one.type("quit");
    assert.deepEqual(await one.exited, [0, null]);
  }
  await until(office, "all taken", (after) => after.every(({ state }) => state === "empty"));
  assert.deepEqual(readdirSync(hub), []);
  await office.settle();
  await dock.stop();

  const serials = ["M000001", "DV16A1-J000002", "D000003"];
  for (const [i, serial] of serials.entries())
    assert.deepEqual(importedOf(office.layout.recorder, serial), digests[i], serial);
  const clocks = entriesOf(office.layout.recorder, "dock.clock").filter(({ serial }) => serial === "M000001");
  // the first time it is behind, the second time it has been set
  const [first, second] = clocks.map(({ offset_ms: offsetMs }) => Number(offsetMs));
  assert.ok(Math.abs((first ?? 0) + 7_200_000) < 3_000, `${first} ms`);
  assert.ok(Math.abs(second ?? -7_200_000) < 3_000, `${second} ms`);
  const starts = entriesOf(office.layout.recorder, "recording.start");
  assert.equal(starts.length, 6, "nothing is stored twice");
  for (const copy of [office.layout.recorder, office.layout.replica])
    assert.equal((await office.verdictOn(copy)).verdict, "authentic");
});

test("a training rack fills its cards, and its recorders come and go", async (t) => {
  const { office, hub } = await dockWith(t, 3);
  const rack = simulate(
    t,
    "zh",
    "dock",
    "--hub",
    hub,
    "--recorders",
    "3",
    "--files",
    "3",
    "--bytes",
    "300000",
  );
  await rack.tells("3 台记录仪已插入");
  await until(office, "files in the ledger", (bays) => bays.every(({ card }) => card?.imported === 3));
  rack.type("list");
  await rack.tells("J000002");
  rack.type("take 1");
  await rack.tells(" 1  已拔出");
  rack.type("1 silent");
  await rack.tells("尚未插入");
  rack.type("put 1 1-1.9");
  await until(office, "bay 1-1.9", (bays) =>
    bays.some(({ bay, recorder }) => bay === "1-1.9" && recorder?.serial === "M000001"),
  );
  rack.type("put 1 1-1.3");
  await rack.tells("usb-port-taken");
  rack.type("3 full-card");
  await rack.tells("磁盘仅有");
  rack.type("4 heal");
  await rack.tells("无法理解：4 heal");
  const { stdout } = await fulltrace(["dock", "bays", "--data", office.layout.recorder, "--json"]);
  assert.match(stdout, /D000003/);
  rack.type("quit");
  assert.deepEqual(await rack.exited, [0, null]);
  assert.deepEqual(readdirSync(hub), ["cards"]);
  assert.ok(existsSync(join(hub, "cards", "M000001")));
});

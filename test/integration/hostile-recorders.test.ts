import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { inMemory, type SimulatedCard } from "../../drivers/simulator/recorders/mtp/card.ts";
import type { VirtualDevice } from "../../drivers/simulator/virtual-device.ts";
import { fulltrace } from "../../scripts/demo/agent-process.ts";
import { cardOf, DockRig, mtpWith, rssOf } from "../support/agents/dock-rig.ts";

const RSS_BYTES = 300 * 2 ** 20;
const IN_TIME_MS = 150_000;

/** A recorder that would also type. */
function keyboard(): VirtualDevice {
  const camera = mtpWith({});
  const hid = { number: 1, class: 3, subclass: 1, protocol: 1, endpoints: [] };
  const { interfaces, ...descriptors } = camera.descriptors;
  return {
    descriptors: { ...descriptors, interfaces: [...interfaces, hid] },
    open: () => camera.open(),
  };
}

/** A card with names as only its own bytes can have them, in folders whose path is nearly 4 kB; answers how many. */
function evilCard(root: string): number {
  const deep = Array.from({ length: 14 }, (_, i) => `${i}`.padEnd(250, "x")).join("/");
  mkdirSync(join(root, deep), { recursive: true });
  const names = [
    Buffer.from(`${deep}/deep.mp4`),
    Buffer.from("-rf"),
    Buffer.from("--output=escaped"),
    Buffer.from("a\nb\u001b[2J.mp4"),
    Buffer.from([0xff, 0xfe, 0x80, 0x2e, 0x6d]),
    Buffer.from([0xd6, 0xa4, 0xbe, 0xdd]),
    Buffer.from("..."),
    Buffer.from("y".repeat(255)),
  ];
  const folder = Buffer.from(`${root}/`);
  for (const name of names) writeFileSync(Buffer.concat([folder, name]), randomBytes(50));
  return names.length;
}

/** Whatever lies below a folder but for these names at its top, and beside it. */
function surroundings(root: string, but: readonly string[]): string[] {
  const below = readdirSync(root)
    .filter((name) => !but.includes(name))
    .flatMap((name) => [
      name,
      ...readdirSync(root, { recursive: true, withFileTypes: true })
        .filter(({ parentPath }) => parentPath.startsWith(join(root, name)))
        .map(({ parentPath, name: leaf }) => join(parentPath, leaf)),
    ]);
  return [...below, ...readdirSync(dirname(root))].sort();
}

test("hostile devices come to a coded end each, and a good recorder among them becomes ready", async (t) => {
  const rig = await DockRig.lay(t, 11, { recorders: ["GOOD", "NAMES"], ready_without: ["clock", "battery"] });
  const { office } = rig;
  const { layout } = office;
  await office.receiver.start();
  await office.recorder.start();
  const own = [layout.recorder, layout.replica].map((folder) => folder.slice(layout.root.length + 1));
  const card = join(layout.root, "card");
  mkdirSync(card);
  const names = evilCard(card);
  const but = [...own.map((path) => path.split("/")[0] ?? ""), "hub", "card"];
  const before = surroundings(layout.root, but);
  const file = { "DCIM/a.mp4": randomBytes(300_000) };
  const startMs = Date.now();

  const named = cardOf({ "DCIM/-rf": randomBytes(10) });
  const evil = ["../../../../escaped", "a\0b", "x".repeat(250), "\ud800.mp4", "--help", ".."];
  for (const name of evil) named.add(name, 0, inMemory(randomBytes(100)), 1_700_000_000_000);
  const silent = mtpWith(file, { serial: "SILENT" });
  silent.hang();
  await rig.plug(1, keyboard());
  await rig.plug(2, mtpWith(file, { serial: "ENDLESS", behaviour: { endlessListing: true } }));
  await rig.plug(3, mtpWith(file, { serial: "LYING", behaviour: { lyingBytes: 1000 } }));
  await rig.plug(4, mtpWith({}, { serial: "NAMES", card: named }));
  await rig.plug(5, silent);
  await rig.plug(6, mtpWith(file, { serial: "LONG", behaviour: { answers: "longer" } }));
  await rig.plug(7, mtpWith(file, { serial: "SHORT", behaviour: { answers: "shorter" } }));
  await rig.plug(8, mtpWith(file, { serial: "HUGE", behaviour: { answers: "huge" } }));
  await rig.plug(9, mtpWith(file, { serial: "LESS", behaviour: { lyingBytes: -1000 } }));
  await rig.plugDisk(11, card);
  await rig.plug(10, mtpWith({ ...file, "DCIM/b.mp4": randomBytes(9_000_000) }, { serial: "GOOD" }));

  await rig.bayIs(10, "awaiting-receipts");
  const importedMs = Date.now() - startMs;
  await rig.bayIs(10, "ready");
  const goodMs = Date.now() - startMs;
  const refused = await rig.bayIs(1, "refused");
  assert.equal(refused.code, "not-a-recorder");
  const codes: Record<number, string | undefined> = {};
  for (const bay of [6, 7, 8]) codes[bay] = (await rig.bayIs(bay, "fault")).code;
  for (const bay of [3, 9]) await rig.bayIs(bay, "kept", "fault");
  const disk = await rig.bayIs(11, "kept", "ready");
  assert.deepEqual([disk.card?.files, disk.card?.imported], [names, names]);
  const told = await rig.bayIs(4, "kept", "ready");
  assert.deepEqual(
    [told.card?.files, told.card?.imported],
    [7, 7],
    "names are claims, and files under any of them evidence",
  );
  assert.deepEqual(codes, { 6: "recorder-answer", 7: "recorder-answer", 8: "recorder-answer" });
  const endless = (await rig.bayIs(2, "fault")).code;
  const endlessMs = Date.now() - startMs;
  const never = (await rig.bayIs(5, "fault")).code;
  const allMs = Date.now() - startMs;
  assert.deepEqual([endless, never], ["recorder-listing", "recorder-silent"]);
  t.diagnostic(
    `good: imported after ${importedMs} ms, ready after ${goodMs} ms; endless ${endlessMs} ms; all ${allMs} ms`,
  );
  assert.ok(allMs < IN_TIME_MS, `${allMs} ms`);

  const { pid } = await office.recorder.call("status", {});
  const rssBytes = rssOf(pid);
  t.diagnostic(`the dock has ${Math.round(rssBytes / 2 ** 20)} MiB`);
  assert.ok(rssBytes < RSS_BYTES, `${rssBytes} bytes`);
  assert.deepEqual(surroundings(layout.root, but), before, "nothing is written outside");
  await office.settle();
  await office.recorder.stop();
  assert.equal((await office.verdictOn(layout.recorder)).verdict, "authentic");
});

/** The process of its own in which a dock speaks USB. */
function usbProcessOf(dockPid: number): number | undefined {
  const children = readFileSync(`/proc/${dockPid}/task/${dockPid}/children`, "utf8").trim().split(" ");
  const isUsb = (pid: string) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("usb-process");
  return children.filter((pid) => pid !== "" && isUsb(pid)).map(Number)[0];
}

test("a device that ends the USB process whenever it is spoken with is left alone, and the next bay goes on", async (t) => {
  const rig = await DockRig.lay(t, 2, { recorders: ["GOOD"] });
  const { recorder, receiver } = rig.office;
  await receiver.start();
  await recorder.start();
  const { pid } = await recorder.call("status", {});
  let killed = 0;
  const killer = mtpWith({}, { serial: "KILLER" });
  const deadly: VirtualDevice = {
    descriptors: killer.descriptors,
    open: () => {
      const usb = usbProcessOf(pid);
      if (usb !== undefined) process.kill(usb, "SIGSEGV");
      killed++;
      return killer.open();
    },
  };
  await rig.plug(2, mtpWith({ "DCIM/a.mp4": randomBytes(30_000) }, { serial: "GOOD" }));
  await rig.bayIs(2, "awaiting-receipts", "ready");
  const plugged = await rig.plug(1, deadly);
  const left = await rig.bayIs(1, "refused");
  assert.equal(left.code, "usb-quarantine");
  const { alarms, dock } = await recorder.call("status", {});
  assert.ok(alarms.some(({ code }) => code === "usb-quarantine-1-1.1"));
  const restarts = dock?.usb_restarts ?? 0;
  assert.equal(restarts, killed);
  t.diagnostic(`left alone after ${killed} ends`);
  const shown = await fulltrace(["dock", "bays", "--data", rig.dataDir, "--lang", "zh"]);
  assert.match(shown.stdout, /反复导致 USB 进程退出/);
  await rig.bayIs(2, "ready");
  assert.equal((await recorder.call("status", {})).dock?.usb_restarts, restarts, "nobody ends it any more");
  await plugged.unplug();
  await rig.bayIs(1, "empty");
  assert.equal((await recorder.call("status", {})).alarms.length, 0);
});

test("of two recorders with one serial the second is refused, and neither is wiped while both are there", async (t) => {
  const rig = await DockRig.lay(t, 2, { recorders: ["CLONE"] });
  const { office } = rig;
  await office.recorder.start();
  const first = { "DCIM/a.mp4": randomBytes(30_000) };
  const firstCard = cardOf(first);
  await rig.plug(1, mtpWith({}, { serial: "CLONE", card: firstCard }));
  await rig.bayIs(1, "awaiting-receipts");
  const secondCard = cardOf({ "DCIM/a.mp4": randomBytes(30_000) });
  const second = await rig.plug(2, mtpWith({}, { serial: "CLONE", card: secondCard }));
  const refused = await rig.bayIs(2, "refused");
  assert.deepEqual([refused.code, refused.detail], ["recorder-twice", "CLONE is in bay 1"]);
  await office.receiver.start();
  const kept = await rig.bayIs(1, "kept");
  assert.deepEqual(kept.reasons, ["recorder-twice"]);
  const files = (card: SimulatedCard) => [...card.objects.values()].filter(({ content }) => content !== null);
  assert.deepEqual([files(firstCard).length, files(secondCard).length], [1, 1]);
  const shown = await fulltrace(["dock", "bays", "--data", rig.dataDir, "--lang", "en"]);
  assert.match(shown.stdout, /its serial number is in another bay already/);
  await second.unplug();
  await rig.bayIs(1, "ready");
  assert.deepEqual([files(firstCard).length, files(secondCard).length], [0, 1]);
  await office.settle();
  await office.recorder.stop();
  assert.equal(rig.entries("recording.start").length, 1, "nothing of the second went under the first's name");
  assert.equal(rig.entries("dock.doubt").length, 1);
  assert.equal((await office.verdictOn(rig.dataDir)).verdict, "authentic");
  assert.equal((await office.verdictOn(office.layout.replica)).verdict, "authentic");
});

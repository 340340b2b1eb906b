import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { inMemory } from "../../drivers/simulator/recorders/mtp/card.ts";
import type { VirtualDevice } from "../../drivers/simulator/virtual-device.ts";
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

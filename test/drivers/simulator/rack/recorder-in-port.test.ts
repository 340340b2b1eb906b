import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { setImmediate } from "node:timers/promises";
import { systemClock } from "../../../../config/base/clock.ts";
import { openGat947 } from "../../../../drivers/recorders/gat947-jieli/gat947-recorder.ts";
import { openMtp } from "../../../../drivers/recorders/mtp/mtp-driver.ts";
import type { RecorderDriver, RecorderFile } from "../../../../drivers/recorders/recorder-driver.ts";
import { carryOut, type RecorderAct } from "../../../../drivers/simulator/rack/commands.ts";
import { fillCard } from "../../../../drivers/simulator/rack/field-card.ts";
import { RecorderInPort, type RecorderSight } from "../../../../drivers/simulator/rack/recorder-in-port.ts";
import type { Make } from "../../../../drivers/simulator/recorders/by-make.ts";
import type { UsbDevice } from "../../../../drivers/usb/usb-link.ts";
import { VirtualBus } from "../../../../drivers/usb/virtual/virtual-bus.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";
import { eventually } from "../../../support/waiting.ts";

const going = new AbortController().signal;
const BYTES = 400_000;
const LAST_MS = Date.UTC(2026, 10, 23, 10, 0, 0);

/** A recorder in port 1-1.1 of a hub, and a bus that finds it. */
async function inPort(t: TestContext, make: Make) {
  const root = temporaryDirectory(t);
  const hub = join(root, "hub");
  const card = join(root, "card");
  fillCard({ folder: card, serial: "S", wearer: "110042", files: 3, bytes: BYTES, lastMs: LAST_MS });
  const sights: RecorderSight[] = [];
  const recorder = new RecorderInPort({
    hub,
    port: "1-1.1",
    traits: { make, serial: "S000001", batteryPercent: 70, clockErrorMs: -60_000, card },
    clock: systemClock,
    onSight: (sight) => sights.push(sight),
  });
  const devices: UsbDevice[] = [];
  const bus = new VirtualBus({ hub, clock: systemClock });
  await bus.watch((change) => {
    if (change.kind === "attached") devices.push(change.device);
  }, going);
  t.after(async () => {
    await recorder.unplug();
    await bus.close();
  });
  const found = async (count: number): Promise<UsbDevice> => {
    await eventually(`device ${count}`, () => devices.length === count);
    return devices[count - 1] as UsbDevice;
  };
  const does = (command: RecorderAct) => carryOut(recorder, command);
  return { hub, card, recorder, sights, bus, found, does };
}

async function files(driver: RecorderDriver): Promise<RecorderFile[]> {
  const found: RecorderFile[] = [];
  for await (const one of driver.list(going)) if (one.kind === "file") found.push(one.file);
  return found;
}

async function digest(driver: RecorderDriver, file: RecorderFile): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of driver.read(file, 0, file.bytes, going)) hash.update(piece);
  return hash.digest("hex");
}

describe("a simulated recorder in a port", () => {
  it("gives its folder over MTP, with every fault on demand", async (t) => {
    const { card, recorder, sights, bus, found, does } = await inPort(t, "mtp");
    await recorder.plug();
    const device = await found(1);
    const driver = await openMtp(await bus.open(device, 0), device, { clock: systemClock, timeoutMs: 300 });
    const [first, ...others] = await files(driver);
    assert.ok(first !== undefined && others.length === 2);
    const expected = createHash("sha256")
      .update(readFileSync(join(card, first.path)))
      .digest("hex");
    assert.equal(await digest(driver, first), expected);
    assert.ok(sights.some((sight) => sight.kind === "file-read" && sight.path === first.path));

    await does({ kind: "battery", percent: 33 });
    assert.equal((await driver.battery(going)).percent, 33);
    await does({ kind: "fault", fault: { kind: "full-card" } });
    await assert.rejects(driver.remove(first, going), { code: "recorder-refused" });
    await does({ kind: "fault", fault: { kind: "silent" } });
    await assert.rejects(driver.battery(going), { code: "recorder-silent" });
    await does({ kind: "heal" });
    await does({ kind: "fault", fault: { kind: "lie", bytes: 7 } });
    assert.ok((await files(driver)).every(({ bytes }) => bytes === BYTES + 7));
    await does({ kind: "heal" });
    await driver.remove(first, going);
    assert.ok(!existsSync(join(card, first.path)));
    await does({ kind: "cable", fault: { kind: "unplug", atByte: 1_000 } });
    const [second] = others;
    await assert.rejects(digest(driver, second as RecorderFile), { code: "recorder-gone" });
    await eventually("out", () => !recorder.isPlugged);
    assert.equal(await does({ kind: "fault", fault: { kind: "silent" } }), "out");
    await driver.close();

    await does({ kind: "replug", port: "1-1.2" });
    assert.equal((await found(2)).port, "1-1.2");
    await assert.rejects(does({ kind: "replug", port: "elsewhere" }), { code: "usb-port" });
  });

  it("comes back as a disk with the same card, and can be taken meanwhile", async (t) => {
    const { hub, card, recorder, sights, bus, found, does } = await inPort(t, "jieli");
    await recorder.plug();
    const device = await found(1);
    const driver = await openGat947(await bus.open(device, 0), device);
    await driver.setClock(LAST_MS, going);
    await driver.switchToDisk(going);
    await driver.close();
    const disk = await found(2);
    assert.deepEqual([disk.port, disk.serial], ["1-1.1", "S000001"]);
    assert.equal(lstatSync(join(hub, "1-1.1.card")).isSymbolicLink(), true);
    assert.equal(statSync(join(hub, "1-1.1.card")).ino, statSync(card).ino);
    // a disk's bytes do not cross this cable
    assert.equal(await does({ kind: "cable", fault: { kind: "unplug", atByte: 1 } }), "not-of-this-make");
    await recorder.unplug();
    assert.deepEqual(readdirSync(hub), []);

    await recorder.plug();
    const again = await found(3);
    const second = await openGat947(await bus.open(again, 0), again);
    await second.switchToDisk(going);
    await second.close();
    await recorder.unplug();
    await setImmediate();
    assert.deepEqual(readdirSync(hub), []);
    assert.deepEqual(
      sights.map(({ kind }) => kind),
      [
        "plugged",
        "opened",
        "clock-set",
        "switched",
        "unplugged",
        "plugged",
        "opened",
        "switched",
        "unplugged",
      ],
    );
  });

  it("is refused where another one is, and takes the place of one whose program died", async (t) => {
    const first = await inPort(t, "disk");
    await first.recorder.plug();
    const { traits } = first.recorder;
    const other = new RecorderInPort({
      hub: first.hub,
      port: "1-1.1",
      traits,
      clock: systemClock,
      onSight: () => {},
    });
    await assert.rejects(other.plug(), { code: "usb-port-taken" });
    await first.recorder.unplug();
    writeFileSync(join(first.hub, "1-1.1"), "");
    await other.plug();
    await other.unplug();
    const lost = { ...traits, card: join(first.card, "nowhere") };
    assert.throws(
      () =>
        new RecorderInPort({
          hub: first.hub,
          port: "1",
          traits: lost,
          clock: systemClock,
          onSight: () => {},
        }),
      { code: "card-missing" },
    );
  });

  it("has a card as the makers name its files, the same at every filling", (t) => {
    const [one, two, other] = ["a", "b", "c"].map((name) => join(temporaryDirectory(t), name));
    const fill = (folder = "", serial = "S") =>
      fillCard({ folder, serial, wearer: "110042", files: 3, bytes: 1_000, lastMs: LAST_MS });
    fill(one);
    mkdirSync(two ?? "", { recursive: true });
    fill(two);
    fill(other, "T");
    const names = [
      "DCIM/DCAM_C1_110042_20261123_172600.mp4",
      "DCIM/DCAM_C1_110042_20261123_174300_IMP.mp4",
      "执法记录/路口处置_110042_20261123_180000.mp4",
    ];
    for (const name of names) {
      const bytes = readFileSync(join(one ?? "", name));
      assert.equal(bytes.length, 1_000);
      assert.deepEqual(bytes, readFileSync(join(two ?? "", name)));
      assert.notDeepEqual(bytes, readFileSync(join(other ?? "", name)));
    }
  });
});

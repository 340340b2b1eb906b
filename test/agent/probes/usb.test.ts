import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { ControlServer } from "../../../agent/control/server.ts";
import { listUsb, type UsbChangeSeen, type UsbPlace, watchUsb } from "../../../agent/probes/usb/bus-watch.ts";
import { probeRecorder } from "../../../agent/probes/usb/probe-recorder.ts";
import { systemClock } from "../../../config/base/clock.ts";
import { Counters } from "../../../config/base/counters.ts";
import { createLogger } from "../../../config/base/logger.ts";
import { RecorderInPort, type RecorderSight } from "../../../drivers/simulator/rack/recorder-in-port.ts";
import type { Make } from "../../../drivers/simulator/recorders/by-make.ts";
import type { UsbDevice } from "../../../drivers/usb/usb-link.ts";
import { VirtualBus } from "../../../drivers/usb/virtual/virtual-bus.ts";
import { dock } from "../../config/sample-config.ts";
import { assertFitsSchema } from "../../support/cli-schema.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { FakeKernel } from "../../support/usb/fake-kernel.ts";
import { eventually } from "../../support/waiting.ts";
import { fulltrace } from "../cli/command-line.ts";

const never = new AbortController().signal;

/** A virtual hub with the configuration of a dock, and recorders in its ports. */
function bench(t: TestContext) {
  const root = temporaryDirectory(t);
  const hub = join(root, "h");
  const config = join(root, "dock.toml");
  mkdirSync(hub);
  writeFileSync(
    config,
    `${dock}\n[dock]\nusb = "virtual"\nhub = "h"\nbays = [{ port = "1-1.2", name = "two" }]\n`,
  );
  const sights: RecorderSight[] = [];
  const insert = async (make: Make, port: string) => {
    const card = join(root, `card-${port}`);
    mkdirSync(card, { recursive: true });
    writeFileSync(join(card, "A.MP4"), "0123456789");
    writeFileSync(join(card, "B.MP4"), "01234");
    const traits = {
      make,
      serial: "S000001",
      batteryPercent: 61,
      clockErrorMs: -9_000,
      wearer: undefined,
      card,
    };
    const recorder = new RecorderInPort({
      hub,
      port,
      traits,
      clock: systemClock,
      onSight: (sight) => sights.push(sight),
    });
    await recorder.plug();
    t.after(() => recorder.unplug());
    return { recorder, card };
  };
  const place: UsbPlace = { bus: "virtual", hub };
  return { root, hub, config, place, sights, insert };
}

const parts = { clock: systemClock, countFiles: true };

describe("usb probe", () => {
  it("tells who a recorder is with its driver, and changes nothing", async (t) => {
    const { config, insert, sights } = bench(t);
    const { card } = await insert("mtp", "1-1.2");
    const { exit, stdout, stderr } = await fulltrace(["usb", "probe", "1-1.2", "--config", config, "--json"]);
    assert.equal(exit, 0, stderr);
    const told = JSON.parse(stdout);
    assertFitsSchema("usb probe", told);
    const { driver, serial, battery_pct: percent, clock_offset_ms: offsetMs, card: counted } = told.recorder;
    assert.deepEqual([told.asked, driver, serial, percent], ["recorder", "mtp", "S000001", 61]);
    assert.deepEqual(counted, { files: 2, bytes: 15, skipped: 0 });
    // whole seconds are all that its clock shows
    assert.ok(offsetMs <= -7_000 && offsetMs >= -11_000, `${offsetMs}`);
    assert.deepEqual(readdirSync(card), ["A.MP4", "B.MP4"]);
    assert.equal(readFileSync(join(card, "A.MP4"), "utf8"), "0123456789");
    const changes = sights.filter(({ kind }) => !["plugged", "opened"].includes(kind));
    assert.deepEqual(changes, []);
  });

  it("speaks with each make, and says why a port cannot be asked", async (t) => {
    const { hub, place, insert } = bench(t);
    await insert("jieli", "1-1.3");
    const { card } = await insert("disk", "1-1.4");
    const jieli = await probeRecorder(place, "1-1.3", parts, never);
    assert.deepEqual([jieli.driver, jieli.serial, jieli.battery_pct], ["gat947-jieli", "DV16A1-S000001", 61]);
    const disk = await probeRecorder(place, "1-1.4", parts, never);
    assert.deepEqual([disk.driver, disk.card?.files], ["mass-storage", 2]);
    rmSync(card, { recursive: true });
    const bare = await probeRecorder(place, "1-1.4", parts, never);
    assert.deepEqual([bare.card_trouble, bare.card], ["card-missing", undefined]);
    await assert.rejects(probeRecorder(place, "1-1.9", parts, never), { code: "usb-port-empty" });

    const bus = new VirtualBus({ hub, clock: systemClock });
    t.after(() => bus.close());
    const watching = new AbortController();
    const found: UsbDevice[] = [];
    await bus.watch(({ device }) => void found.push(device), watching.signal);
    const held = await bus.open(found.find(({ port }) => port === "1-1.3") as UsbDevice, 0);
    await assert.rejects(probeRecorder(place, "1-1.3", parts, never), { code: "usb-busy" });
    await held.close();
    const again = await probeRecorder(place, "1-1.3", parts, never);
    assert.equal(again.serial, jieli.serial);
    watching.abort();
  });

  it("asks a dock that runs, and never the recorder that it holds", async (t) => {
    const { root, config, insert, sights } = bench(t);
    await insert("mtp", "1-1.2");
    mkdirSync(join(root, "data"));
    const bay = {
      bay: "two",
      state: "importing" as const,
      since_ms: 1,
      recorder: { serial: "S000001", model: "BWC-M1", driver: "mtp", battery_pct: 61 },
    };
    const known = { ...bay };
    const unknown = { bay: "1-1.3", state: "identifying" as const, since_ms: 1 };
    const server = await ControlServer.listen({
      dataDir: join(root, "data"),
      handlers: { "dock.bays": async () => ({ bays: [known, unknown] }) } as never,
      log: createLogger("silent", "test"),
      counters: new Counters(),
    });
    t.after(() => server.close());
    const before = sights.length;
    const answered = await fulltrace(["usb", "probe", "1-1.2", "--config", config, "--json"]);
    assert.equal(answered.exit, 0, answered.stderr);
    const told = JSON.parse(answered.stdout);
    assertFitsSchema("usb probe", told);
    assert.deepEqual([told.asked, told.bay.state], ["dock", "importing"]);
    assert.equal(sights.length, before);
    const refused = await fulltrace(["usb", "probe", "1-1.3", "--config", config, "--json"]);
    assert.equal(refused.exit, 1);
    assert.equal(JSON.parse(refused.stderr).error.code, "usb-held-by-dock");
  });
});

function kernelBench(t: TestContext): { place: UsbPlace; kernel: FakeKernel } {
  const root = temporaryDirectory(t);
  const folders = { devices: join(root, "devices"), nodes: join(root, "nodes") };
  mkdirSync(folders.devices);
  return { place: { bus: "kernel", folders }, kernel: new FakeKernel(folders) };
}

describe("usb list", () => {
  it("reads what the kernel shows: who fits, who claims it, who may open it", async (t) => {
    const { place, kernel } = kernelBench(t);
    kernel.insert("1-1.10", ["08", "06", "50"]);
    kernel.insert("1-1.2", ["06", "01", "01"], "usbfs");
    kernel.insert("1-1.3", ["03", "01", "01"], "usbhid");
    const devices = await listUsb(place, null, systemClock);
    assertFitsSchema("usb list", { bus: "kernel", devices });
    assert.deepEqual(
      devices.map(({ port, finding, interfaces }) => [port, finding, interfaces[0]?.claimed_by]),
      [
        ["1-1.2", { kind: "recorder", driver: "mtp", family: "MTP" }, "usbfs"],
        ["1-1.3", { kind: "refused", reason: "input-device" }, "usbhid"],
        // nobody has asked this disk for its INQUIRY
        ["1-1.10", { kind: "recorder", driver: "mass-storage", family: "USB disk", unsure: true }, undefined],
      ],
    );
    assert.ok(devices.every((device) => device.may_open === true));
    const none: UsbPlace = { bus: "kernel", folders: { devices: "/nowhere", nodes: "/nowhere" } };
    await assert.rejects(listUsb(none, null, systemClock), { code: "usb-none" });
  });

  it("looks at a virtual hub beside whoever holds its devices, and names the bays", async (t) => {
    const { config, insert } = bench(t);
    await insert("mtp", "1-1.2");
    const { exit, stdout, stderr } = await fulltrace(["usb", "list", "--config", config, "--json"]);
    assert.equal(exit, 0, stderr);
    const told = JSON.parse(stdout);
    assertFitsSchema("usb list", told);
    assert.deepEqual([told.devices[0].port, told.devices[0].bay], ["1-1.2", "two"]);
  });
});

describe("usb watch", () => {
  it("tells each insertion and removal once, even of a device that was put in again at once", async (t) => {
    const { place, kernel } = kernelBench(t);
    kernel.insert("1-1.2", ["06", "01", "01"]);
    const seen: UsbChangeSeen[] = [];
    const watching = new AbortController();
    const watch = watchUsb(place, null, (change) => seen.push(change), {
      clock: systemClock,
      signal: watching.signal,
    });
    const told = () => seen.map(({ change, device }) => `${change} ${device.port}`);
    await eventually("the first", () => seen.length === 1);
    kernel.insert("1-1.3", ["08", "06", "50"]);
    await eventually("the second", () => told().includes("attached 1-1.3"));
    kernel.remove("1-1.2");
    kernel.insert("1-1.2", ["06", "01", "01"]);
    await eventually("again", () => told().filter((one) => one === "attached 1-1.2").length === 2);
    watching.abort();
    await watch;
    assert.deepEqual(told(), ["attached 1-1.2", "attached 1-1.3", "detached 1-1.2", "attached 1-1.2"]);
  });

  it("prints lines until it is ended", async (t) => {
    const { config, insert } = bench(t);
    await insert("disk", "1-1.2");
    const { exit, stdout } = await fulltrace(["usb", "watch", "--config", config, "--for-s", "1", "--json"]);
    assert.equal(exit, 0);
    const line = JSON.parse(stdout);
    assertFitsSchema("usb watch", line);
    assert.deepEqual([line.change, line.device.port], ["attached", "1-1.2"]);
  });
});

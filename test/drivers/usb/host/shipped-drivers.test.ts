import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { systemClock } from "../../../../config/base/clock.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import { systemRandom } from "../../../../config/base/random.ts";
import type { RecorderFile } from "../../../../drivers/recorders/recorder-driver.ts";
import { JieliRecorder } from "../../../../drivers/simulator/recorders/jieli.ts";
import { inMemory, SimulatedCard } from "../../../../drivers/simulator/recorders/mtp/card.ts";
import { SimulatedMtp } from "../../../../drivers/simulator/recorders/mtp.ts";
import type { VirtualDevice } from "../../../../drivers/simulator/virtual-device.ts";
import { UsbHost, type UsbHostEvent } from "../../../../drivers/usb/host/usb-host.ts";
import { type Plugged, plugIn } from "../../../../drivers/usb/virtual/plug-in.ts";
import { bytesAt } from "../../../support/usb/test-recorder.ts";
import { virtualDisk } from "../../../support/usb/virtual-disk.ts";
import { eventually } from "../../../support/waiting.ts";

const FILE_BYTES = 3_000_001;
const never = (): AbortSignal => new AbortController().signal;

type Attached = Extract<UsbHostEvent, { kind: "attached" }>;

describe("the drivers that the USB process ships", () => {
  let folder = "";
  let host: UsbHost;
  const events: UsbHostEvent[] = [];
  const plugs: Plugged[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "usb-"));
    host = await UsbHost.start({
      bus: { bus: "virtual", hub: join(folder, "hub") },
      folder: join(folder, "run"),
      clock: systemClock,
      random: systemRandom,
      onEvent: (event) => events.push(event),
    });
  });
  after(async () => {
    await host.stop();
    for (const plugged of plugs) await plugged.unplug();
    await rm(folder, { recursive: true, force: true });
  });

  async function plug(port: string, device: VirtualDevice): Promise<Attached & { plugged: Plugged }> {
    const from = events.length;
    const plugged = await plugIn(join(folder, "hub"), port, device, systemClock);
    plugs.push(plugged);
    const found = (): Attached | undefined =>
      events.slice(from).find((event): event is Attached => event.kind === "attached");
    await eventually(`a finding for ${port}`, () => found() !== undefined);
    return { ...(found() as Attached), plugged };
  }

  it("speak with a JieLi recorder, told by its INQUIRY from a disk", async () => {
    const { device, finding } = await plug("1-1", new JieliRecorder(systemClock));
    assert.equal(finding.kind === "recorder" ? finding.driver : "", "gat947-jieli");
    const recorder = await host.open(device, { utcOffsetMin: 480 }, never());
    assert.equal(recorder.name, "gat947-jieli");
    assert.match((await recorder.identify(never())).serial, /\S/);
    assert.equal((await recorder.battery(never())).percent, 80);
    await recorder.close();
    // control: any other disk is mounted, and no link is opened to it
    const disk = await plug("1-2", virtualDisk("Other   Disk            1.0", systemClock));
    assert.equal(disk.finding.kind === "recorder" ? disk.finding.driver : "", "mass-storage");
    await assert.rejects(host.open(disk.device, {}, never()), { code: "unsupported" });
  });

  it("leave open who a device is that cannot be asked, and go on", async () => {
    const shut = virtualDisk("x", systemClock);
    const { finding } = await plug("1-6", {
      ...shut,
      open: () => {
        throw new AgentError("usb-access", "1-6");
      },
    });
    assert.deepEqual(finding, { kind: "unreadable", code: "usb-access", place: "1-6" });
    const keyboard = { number: 1, class: 3, subclass: 1, protocol: 1, endpoints: [] };
    const { descriptors } = shut;
    const posing = { ...descriptors, interfaces: [...descriptors.interfaces, keyboard] };
    const refused = await plug("1-7", { ...shut, descriptors: posing });
    assert.deepEqual(refused.finding, { kind: "refused", reason: "input-device" });
    await assert.rejects(host.open(refused.device, {}, never()), { code: "unsupported" });
    assert.equal(host.restarts, 0);
  });

  it("read an MTP recorder's file, and go on after an unplugging at the byte where it ended", async () => {
    const card = new SimulatedCard();
    const dcim = card.add("DCIM", 0, null, 0);
    card.add("1.MP4", dcim, inMemory(bytesAt(0, FILE_BYTES)), 0);
    const make = (): SimulatedMtp => new SimulatedMtp({ card, clock: systemClock, serial: "M-1" });
    const first = await plug("1-3", make());
    const read: Uint8Array[] = [];
    let at = 0;
    const recorder = await host.open(first.device, {}, never());
    const file = await onlyFile(recorder);
    first.plugged.fault({ kind: "unplug", atByte: 1_234_567 });
    await assert.rejects(
      async () => {
        for await (const piece of recorder.read(file, 0, FILE_BYTES, never())) {
          read.push(Uint8Array.from(piece));
          at += piece.length;
        }
      },
      { code: "recorder-gone" },
    );
    assert.ok(at > 0 && at < FILE_BYTES, `${at} bytes`);
    const again = await plug("1-4", make());
    const second = await host.open(again.device, {}, never());
    assert.equal((await second.identify(never())).serial, "M-1");
    for await (const piece of second.read(await onlyFile(second), at, FILE_BYTES - at, never()))
      read.push(Uint8Array.from(piece));
    assert.ok(Buffer.concat(read).equals(Buffer.from(bytesAt(0, FILE_BYTES))));
    assert.equal(host.restarts, 0);
  });
});

async function onlyFile(recorder: {
  list(signal: AbortSignal): AsyncIterable<{ kind: string; file?: RecorderFile }>;
}): Promise<RecorderFile> {
  const files: RecorderFile[] = [];
  for await (const one of recorder.list(never())) if (one.file !== undefined) files.push(one.file);
  assert.equal(files.length, 1);
  return files[0] as RecorderFile;
}

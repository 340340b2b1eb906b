import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { AgentError } from "../../../../../config/base/errors.ts";
import { DeviceDesk } from "../../../../../drivers/usb/host/process/device-desk.ts";
import type { UsbProcessEvent } from "../../../../../drivers/usb/host/usb-messages.ts";
import type { UsbDevice, UsbLink } from "../../../../../drivers/usb/usb-link.ts";
import { altered } from "../../../../support/altered.ts";
import { ModelDriver, ModelRecorder } from "../../../../support/recorders/model-recorder.ts";

/** Told to be MTP by its interface; nothing is asked of it. */
const device = (insertion: number): UsbDevice => ({
  port: `1-${insertion}`,
  insertion,
  vendorId: 1,
  productId: 2,
  deviceClass: 0,
  interfaces: [
    {
      number: 0,
      class: 6,
      subclass: 1,
      protocol: 1,
      endpoints: [
        { address: 0x81, type: "bulk", packetBytes: 512 },
        { address: 0x02, type: "bulk", packetBytes: 512 },
        { address: 0x83, type: "interrupt", packetBytes: 28 },
      ],
    },
  ],
});

/** A disk: what it is, its INQUIRY says. */
const disk = (insertion: number): UsbDevice => ({
  ...device(insertion),
  interfaces: [{ number: 0, class: 8, subclass: 6, protocol: 0x50, endpoints: [] }],
});

/** A desk whose bus opens links that count, and whose driver is a model of the test. */
function desk() {
  const events: UsbProcessEvent[] = [];
  const open = { links: 0, drivers: 0 };
  const bench = {
    onOpen: async () => {},
    makeDriver: async () => {},
    inquire: async (): Promise<string | null> => "Other",
  };
  const link = (): UsbLink => {
    open.links++;
    return { close: async () => void open.links-- } as Partial<UsbLink> as UsbLink;
  };
  const bus = {
    watch: async () => {},
    close: async () => {},
    open: async () => {
      await bench.onOpen();
      return link();
    },
  };
  const drivers = {
    mtp: async (usb: UsbLink) => {
      await bench.makeDriver();
      open.drivers++;
      const driver = new ModelDriver(new ModelRecorder());
      return altered(driver, {
        close: async () => {
          open.drivers--;
          await driver.close();
          await usb.close();
        },
      });
    },
  };
  const parts = { bus, known: () => bench.inquire(), held: [] };
  const looked: number[] = [];
  const made = new DeviceDesk(parts, drivers, (event) => {
    if (event.kind === "looking") looked.push(event.device.insertion);
    else events.push(event);
  });
  const change = async (kind: "attached" | "detached", which: UsbDevice) => {
    made.onChange({ kind, device: which });
    await turn();
  };
  return { events, looked, open, bench, desk: made, change };
}

const kinds = (events: UsbProcessEvent[]) =>
  events.map((event) => (event.kind === "attached" ? `attached ${event.finding.kind}` : event.kind));

describe("what is plugged in, in the USB process", () => {
  it("is told with its finding, opened, and closed when it is pulled out", async () => {
    const { desk: made, change, events, open } = desk();
    await change("attached", device(1));
    const { link, name, capabilities } = await made.open(1, {});
    assert.equal(name, "mtp");
    assert.ok(capabilities.includes("files"));
    assert.deepEqual(open, { links: 1, drivers: 1 });
    await change("detached", device(1));
    assert.deepEqual(kinds(events), ["attached recorder", "detached"]);
    assert.deepEqual(open, { links: 0, drivers: 0 });
    assert.throws(() => made.recorder(link), { code: "recorder-gone" });
    assert.throws(() => made.read(link), { code: "recorder-gone" });
    await assert.rejects(made.open(1, {}), { code: "recorder-gone" });
  });

  it("is left open who it is where it cannot be asked", async () => {
    const { bench, change, events, looked } = desk();
    bench.inquire = async () => {
      throw new AgentError("usb-access", "1-1");
    };
    await change("attached", disk(1));
    assert.deepEqual(looked, [1]);
    assert.deepEqual(events, [
      {
        kind: "attached",
        device: disk(1),
        finding: { kind: "unreadable", code: "usb-access", place: "1-1" },
      },
    ]);
  });

  it("is told as gone alone if it goes while it is asked", async () => {
    const { bench, change, events } = desk();
    let answer = (_: string): void => {};
    bench.inquire = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    await change("attached", disk(1));
    await change("detached", disk(1));
    answer("Other");
    await turn();
    assert.deepEqual(kinds(events), ["detached"]);
  });

  it("leaves no link open that goes while it is opened, or whose driver cannot be made", async () => {
    const { bench, desk: made, change, open } = desk();
    await change("attached", device(1));
    bench.makeDriver = async () => {
      throw new AgentError("usb-stall", "endpoint 02");
    };
    await assert.rejects(made.open(1, {}), { code: "recorder-answer" });
    assert.deepEqual(open, { links: 0, drivers: 0 });
    bench.onOpen = async () => {
      throw new AgentError("usb-busy", "1-1");
    };
    await assert.rejects(made.open(1, {}), { code: "usb-busy" });
    bench.onOpen = async () => {};
    bench.makeDriver = () => change("detached", device(1));
    await assert.rejects(made.open(1, {}), { code: "recorder-gone" });
    assert.deepEqual(open, { links: 0, drivers: 0 });
  });

  it("is not opened by a driver that there is none of", async () => {
    const { bench, desk: made, change } = desk();
    bench.inquire = async () => "DV16    DEVICE V1.00    1.00";
    await change("attached", disk(1));
    await assert.rejects(made.open(1, {}), { code: "unsupported" });
  });

  it("is told of no further than 256, and again when there is room", async () => {
    const { change, events } = desk();
    for (let insertion = 1; insertion <= 257; insertion++) await change("attached", device(insertion));
    assert.deepEqual(events.at(-1), { kind: "warning", code: "usb-too-many", place: "1-257" });
    await change("detached", device(257));
    await change("detached", device(1));
    await change("attached", device(258));
    assert.deepEqual(kinds(events.slice(-3)), ["warning", "detached", "attached recorder"]);
  });

  it("is closed all at once", async () => {
    const { desk: made, change, open } = desk();
    for (const insertion of [1, 2, 3]) {
      await change("attached", device(insertion));
      await made.open(insertion, {});
    }
    assert.deepEqual(open, { links: 3, drivers: 3 });
    await made.closeAll();
    assert.deepEqual(open, { links: 0, drivers: 0 });
  });
});

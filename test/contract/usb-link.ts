import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { UsbBus, UsbChange, UsbDevice, UsbLink } from "../../drivers/usb/usb-link.ts";
import { eventually } from "../support/waiting.ts";

/** A bus with one place in which a disk (SCSI over bulk-only transport) can be plugged. */
export interface UsbBench {
  bus: UsbBus;
  plug(): Promise<void>;
  unplug(): Promise<void>;
  /** Whether it is that disk: a machine has other devices. */
  isDisk(device: UsbDevice): boolean;
  /** How many times slower than a machine of today it may be; default 1. */
  slowness?: number;
  end(): Promise<void>;
}

const TIMEOUT_MS = 2_000;
const TAG = 0x1234_5678;
const DEVICE_DESCRIPTOR = { requestType: 0x80, request: 6, value: 0x0100, index: 0 };
const UNKNOWN_REQUEST = { requestType: 0xc0, request: 0x77, value: 0, index: 0 };

/** What every `UsbBus` and `UsbLink` keeps, over whatever it runs. */
export function usbContract(name: string, makeBench: () => Promise<UsbBench>): void {
  describe(`a USB bus: ${name}`, () => {
    let bench: UsbBench;
    let changes: UsbChange[] = [];
    const watching = new AbortController();

    before(async () => {
      bench = await makeBench();
      await bench.plug();
      await bench.bus.watch((change) => {
        if (bench.isDisk(change.device)) changes.push(change);
      }, watching.signal);
      await eventually("the disk", () => changes.length > 0);
    });
    after(async () => {
      watching.abort();
      await bench.bus.close();
      await bench.end();
    });

    const disk = (): UsbDevice => {
      const last = changes.at(-1);
      assert.equal(last?.kind, "attached");
      return last.device;
    };
    const bulk = (towardsUs: boolean): number => {
      const found = disk().interfaces[0]?.endpoints.find(
        ({ type, address }) => type === "bulk" && address >= 0x80 === towardsUs,
      );
      assert.ok(found);
      return found.address;
    };
    const open = (): Promise<UsbLink> => bench.bus.open(disk(), disk().interfaces[0]?.number ?? 0);
    const withLink = async (work: (link: UsbLink) => Promise<void>): Promise<void> => {
      const link = await open();
      try {
        await work(link);
      } finally {
        await link.close();
      }
    };
    const inquire = async (link: UsbLink): Promise<Uint8Array> => {
      await link.bulkOut(bulk(false), inquiryCommand(), TIMEOUT_MS);
      const data = await link.bulkIn(bulk(true), 36, TIMEOUT_MS);
      const status = Buffer.from(await link.bulkIn(bulk(true), 13, TIMEOUT_MS));
      assert.equal(status.toString("latin1", 0, 4), "USBS");
      assert.equal(status.readUInt32LE(4), TAG);
      return data;
    };

    it("tells a device by its port and its descriptors", () => {
      const device = disk();
      assert.match(device.port, /^\d+-\d+(\.\d+)*$/);
      const [first] = device.interfaces;
      assert.deepEqual([first?.class, first?.subclass, first?.protocol], [8, 6, 0x50]);
      assert.ok((device.serial ?? "").length > 0);
      const packets = first?.endpoints.map(({ packetBytes }) => packetBytes) ?? [];
      assert.ok(packets.length >= 2 && packets.every((bytes) => [64, 512, 1024].includes(bytes)));
    });

    it("asks on endpoint 0", () =>
      withLink(async (link) => {
        const descriptor = Buffer.from(await link.controlIn(DEVICE_DESCRIPTOR, 64, TIMEOUT_MS));
        assert.equal(descriptor.length, 18);
        assert.equal(descriptor.readUInt16LE(8), disk().vendorId);
        assert.equal(descriptor.readUInt16LE(10), disk().productId);
        // control: no more is taken than was asked for
        assert.equal((await link.controlIn(DEVICE_DESCRIPTOR, 8, TIMEOUT_MS)).length, 8);
      }));

    it("says that a request is not known, and goes on", () =>
      withLink(async (link) => {
        await assert.rejects(link.controlIn(UNKNOWN_REQUEST, 4, TIMEOUT_MS), { code: "usb-stall" });
        assert.equal((await link.controlIn(DEVICE_DESCRIPTOR, 18, TIMEOUT_MS)).length, 18);
      }));

    it("transfers in bulk; a short packet ends a transfer", () =>
      withLink(async (link) => {
        assert.equal((await inquire(link)).length, 36);
      }));

    it("puts what comes into the memory that it is given, or into its own", () =>
      withLink(async (link) => {
        const memory = new Uint8Array(1024).fill(0xee);
        await link.bulkOut(bulk(false), inquiryCommand(), TIMEOUT_MS);
        const data = await link.bulkIn(bulk(true), 36, TIMEOUT_MS, memory);
        assert.equal(data.length, 36);
        assert.equal(data[0], 0);
        const isThere = data.buffer === memory.buffer;
        assert.deepEqual(memory.subarray(isThere ? 36 : 0), new Uint8Array(isThere ? 988 : 1024).fill(0xee));
        await link.bulkIn(bulk(true), 13, TIMEOUT_MS);
      }));

    it("waits as long as it is told to, and loses nothing by it", () =>
      withLink(async (link) => {
        const begun = process.hrtime.bigint();
        await assert.rejects(link.bulkIn(bulk(true), 512, 150), { code: "usb-timeout" });
        const tookMs = Number(process.hrtime.bigint() - begun) / 1e6;
        assert.ok(tookMs >= 140 && tookMs < 1_500 * (bench.slowness ?? 1), `${tookMs} ms`);
        assert.equal((await inquire(link)).length, 36);
      }));

    it("halts an endpoint until the halt is cleared", () =>
      withLink(async (link) => {
        const outcome = link.bulkOut(bulk(false), new Uint8Array(31), TIMEOUT_MS);
        // the device may take the bytes and halt only then
        await outcome.catch((error: unknown) => assert.equal((error as { code?: string }).code, "usb-stall"));
        await assert.rejects(link.bulkIn(bulk(true), 13, TIMEOUT_MS), { code: "usb-stall" });
        await link
          .controlOut({ requestType: 0x21, request: 0xff, value: 0, index: 0 }, new Uint8Array(0), TIMEOUT_MS)
          .catch(() => {});
        await link.clearHalt(bulk(true));
        await link.clearHalt(bulk(false));
        assert.equal((await inquire(link)).length, 36);
      }));

    it("stays usable over a reset", () =>
      withLink(async (link) => {
        await link.reset();
        assert.equal((await inquire(link)).length, 36);
      }));

    it("lets one claim an interface at a time, and the next one after", async () => {
      const link = await open();
      await assert.rejects(open(), { code: "usb-busy" });
      await link.close();
      await link.close();
      await assert.rejects(link.bulkIn(bulk(true), 13, TIMEOUT_MS), { code: "usb-gone" });
      await withLink(async (next) => {
        assert.equal((await inquire(next)).length, 36);
      });
    });

    it("knows no other interface", async () => {
      await assert.rejects(bench.bus.open(disk(), 99), { code: "usb-failed" });
    });

    it("ends a transfer that waits when its link closes", async () => {
      const link = await open();
      const waiting = assert.rejects(link.bulkIn(bulk(true), 512, 60_000), { code: "usb-gone" });
      await link.close();
      await waiting;
    });

    it("fails what waits when it is unplugged, and tells the same port with another insertion", async () => {
      const before = disk();
      const link = await open();
      const waiting = assert.rejects(link.bulkIn(bulk(true), 512, 30_000), { code: "usb-gone" });
      changes = [];
      await bench.unplug();
      await waiting;
      await eventually("its going", () => changes.length === 1);
      assert.equal(changes[0]?.kind, "detached");
      assert.equal(changes[0]?.device.insertion, before.insertion);
      await assert.rejects(link.bulkOut(bulkOf(before), new Uint8Array(31), TIMEOUT_MS), {
        code: "usb-gone",
      });
      await link.close();
      await assert.rejects(bench.bus.open(before, 0), { code: "usb-gone" });
      await bench.plug();
      await eventually("its coming back", () => changes.length === 2);
      assert.equal(disk().port, before.port);
      assert.ok(disk().insertion > before.insertion);
      await withLink(async (again) => {
        assert.equal((await inquire(again)).length, 36);
      });
    });
  });
}

function bulkOf(device: UsbDevice): number {
  return device.interfaces[0]?.endpoints.find(({ address }) => address < 0x80)?.address ?? 0;
}

function inquiryCommand(): Buffer {
  const command = Buffer.alloc(31);
  command.write("USBC");
  command.writeUInt32LE(TAG, 4);
  command.writeUInt32LE(36, 8);
  command.set([0x80, 0, 6, 0x12, 0, 0, 0, 36], 12);
  return command;
}

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eventually } from "../support/waiting.ts";
import { within } from "./recorder/calls.ts";
import { INQUIRY_BYTES, LONG_MS, TIMEOUT_MS, type UsbBench, UsbStage, WAIT_MS } from "./usb/stage.ts";

const DEVICE_DESCRIPTOR = { requestType: 0x80, request: 6, value: 0x0100, index: 0 };
const UNKNOWN_REQUEST = { requestType: 0xc0, request: 0x77, value: 0, index: 0 };
/** Mass Storage Bulk-Only 1.0 §3.1. */
const CLASS_RESET = { requestType: 0x21, request: 0xff, value: 0, index: 0 };
/** Longer than it takes to be told that a link is closed or a disk is gone. */
const TOLD_MS = 5_000;

/** Rejects if a bus or one of its links does not keep its part; leaves the disk plugged in. */
export type UsbCheck = (stage: UsbStage) => Promise<void>;

/** What every `UsbBus` and `UsbLink` keeps, over whatever it runs. */
export const USB_CHECKS = {
  "tells a device by its port and its descriptors": async (stage) => {
    const device = stage.disk();
    assert.match(device.port, /^\d+-\d+(\.\d+)*$/);
    const [first] = device.interfaces;
    assert.deepEqual([first?.class, first?.subclass, first?.protocol], [8, 6, 0x50]);
    assert.ok((device.serial ?? "").length > 0, "no serial");
    const packets = first?.endpoints.map(({ packetBytes }) => packetBytes) ?? [];
    assert.ok(packets.length >= 2 && packets.every((bytes) => [64, 512, 1024].includes(bytes)), `${packets}`);
  },

  "asks on endpoint 0": (stage) =>
    stage.withLink(async (link) => {
      const descriptor = Buffer.from(await link.controlIn(DEVICE_DESCRIPTOR, 64, TIMEOUT_MS));
      assert.equal(descriptor.length, 18);
      assert.equal(descriptor.readUInt16LE(8), stage.disk().vendorId);
      assert.equal(descriptor.readUInt16LE(10), stage.disk().productId);
      const begun = await link.controlIn(DEVICE_DESCRIPTOR, 8, TIMEOUT_MS);
      assert.equal(begun.length, 8, "more than was asked for");
    }),

  "says that a request is not known, and goes on": (stage) =>
    stage.withLink(async (link) => {
      await assert.rejects(link.controlIn(UNKNOWN_REQUEST, 4, TIMEOUT_MS), { code: "usb-stall" });
      assert.equal((await link.controlIn(DEVICE_DESCRIPTOR, 18, TIMEOUT_MS)).length, 18);
    }),

  "transfers in bulk; a short packet ends a transfer": (stage) =>
    stage.withLink(async (link) => {
      assert.equal((await stage.inquire(link)).length, INQUIRY_BYTES);
    }),

  "puts what comes into the memory that it is given, or into its own": (stage) =>
    stage.withLink(async (link) => {
      const memory = new Uint8Array(1024).fill(0xee);
      const come = await stage.inquire(link, memory);
      assert.equal(come.length, INQUIRY_BYTES);
      assert.ok(Buffer.from(come).equals(await stage.inquire(link)), "other bytes than came");
      const rest = memory.subarray(come.buffer === memory.buffer ? INQUIRY_BYTES : 0);
      assert.ok(
        rest.every((byte) => byte === 0xee),
        "bytes beside what came",
      );
    }),

  "waits as long as it is told to, and loses nothing by it": (stage) =>
    stage.withLink(async (link) => {
      const begun = process.hrtime.bigint();
      await assert.rejects(link.bulkIn(stage.bulk("in"), 512, WAIT_MS), { code: "usb-timeout" });
      const tookMs = Number(process.hrtime.bigint() - begun) / 1e6;
      const mostMs = 10 * WAIT_MS * (stage.bench.slowness ?? 1);
      assert.ok(tookMs >= WAIT_MS - 10 && tookMs < mostMs, `waited ${tookMs} ms`);
      assert.equal((await stage.inquire(link)).length, INQUIRY_BYTES);
    }),

  "halts an endpoint until the halt is cleared": (stage) =>
    stage.withLink(async (link) => {
      const outcome = link.bulkOut(stage.bulk("out"), new Uint8Array(31), TIMEOUT_MS);
      // the device may take the bytes and halt only then
      await outcome.catch((error: unknown) => assert.equal((error as { code?: string }).code, "usb-stall"));
      await assert.rejects(link.bulkIn(stage.bulk("in"), 13, TIMEOUT_MS), { code: "usb-stall" });
      await link.controlOut(CLASS_RESET, new Uint8Array(0), TIMEOUT_MS).catch(() => {});
      await link.clearHalt(stage.bulk("in"));
      await link.clearHalt(stage.bulk("out"));
      assert.equal((await stage.inquire(link)).length, INQUIRY_BYTES);
    }),

  "stays usable over a reset": (stage) =>
    stage.withLink(async (link) => {
      await link.reset();
      assert.equal((await stage.inquire(link)).length, INQUIRY_BYTES);
    }),

  "lets one claim an interface at a time, and the next one after": async (stage) => {
    const link = await stage.open();
    try {
      await assert.rejects(stage.open(), { code: "usb-busy" });
    } finally {
      await link.close();
    }
    await link.close();
    await assert.rejects(link.bulkIn(stage.bulk("in"), 13, TIMEOUT_MS), { code: "usb-gone" });
    await stage.withLink(async (next) => {
      assert.equal((await stage.inquire(next)).length, INQUIRY_BYTES);
    });
  },

  "knows no other interface": async (stage) => {
    await assert.rejects(stage.bench.bus.open(stage.disk(), 99), { code: "usb-failed" });
  },

  "ends a transfer that waits when its link closes": async (stage) => {
    const link = await stage.open();
    const waiting = assert.rejects(link.bulkIn(stage.bulk("in"), 512, LONG_MS), { code: "usb-gone" });
    await link.close();
    await within(TOLD_MS, "the end of the transfer", waiting);
  },

  "fails what waits when it is unplugged, and tells the same port with another insertion": async (stage) => {
    const { bench } = stage;
    const before = stage.disk();
    const link = await stage.open();
    const waiting = assert.rejects(link.bulkIn(stage.bulk("in"), 512, LONG_MS), { code: "usb-gone" });
    stage.changes = [];
    await bench.unplug();
    await within(TOLD_MS, "the end of the transfer", waiting);
    await eventually("its going", () => stage.changes.length === 1);
    assert.equal(stage.changes[0]?.kind, "detached");
    assert.equal(stage.changes[0]?.device.insertion, before.insertion);
    const out = stage.bulk("out", before);
    await assert.rejects(link.bulkOut(out, new Uint8Array(31), TIMEOUT_MS), { code: "usb-gone" });
    await link.close();
    await assert.rejects(bench.bus.open(before, 0), { code: "usb-gone" });
    await bench.plug();
    await eventually("its coming back", () => stage.changes.length === 2);
    assert.equal(stage.disk().port, before.port);
    assert.ok(stage.disk().insertion > before.insertion, "the same insertion");
    await stage.withLink(async (again) => {
      assert.equal((await stage.inquire(again)).length, INQUIRY_BYTES);
    });
  },
} satisfies Record<string, UsbCheck>;

/** Registers every check for one bus; they share a bench. */
export function usbContract(name: string, makeBench: () => Promise<UsbBench>): void {
  describe(`a USB bus: ${name}`, () => {
    let stage: UsbStage;
    before(async () => {
      stage = await UsbStage.set(makeBench);
    });
    after(() => stage.end());
    for (const [title, check] of Object.entries(USB_CHECKS)) it(title, () => check(stage));
  });
}

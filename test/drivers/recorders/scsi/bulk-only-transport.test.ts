import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorCode } from "../../../../config/base/errors.ts";
import {
  BulkOnlyTransport,
  bulkOnlyInterface,
  type TransportCommand,
} from "../../../../drivers/recorders/scsi/bulk-only-transport.ts";
import type { UsbDevice, UsbInterface } from "../../../../drivers/usb/usb-link.ts";
import { ManualClock } from "../../../support/surroundings.ts";
import { type Outcome, ScriptedLink } from "../../../support/usb/scripted-link.ts";
import { statusOf } from "../../../support/usb/status-wrapper.ts";

const COMMAND = Uint8Array.of(0x12, 0, 0, 0, 36, 0);
const DATA = Buffer.from("data of a device".padEnd(36, "."));
const TIMEOUT_MS = 2_000;
/** Bulk-Only 1.0 §5.3.4. */
const RESET_RECOVERY = ["class-reset 4", "clear 81", "clear 02"];

const reading = (bytes = 36): TransportCommand => ({
  name: "READ",
  command: COMMAND,
  data: { direction: "in", bytes },
  timeoutMs: TIMEOUT_MS,
});
const writing = (bytes: Uint8Array): TransportCommand => ({
  name: "WRITE",
  command: COMMAND,
  data: { direction: "out", bytes },
  timeoutMs: TIMEOUT_MS,
});
const NOTHING: TransportCommand = {
  name: "NOTHING",
  command: COMMAND,
  data: { direction: "none" },
  timeoutMs: TIMEOUT_MS,
};
/** Of the first command that a transport runs. */
const first = (told: { residue?: number; status?: number; signature?: number } = {}) =>
  statusOf({ tag: 1, ...told });

function scripted(...script: Outcome[]) {
  const clock = new ManualClock();
  const link = new ScriptedLink(clock, ...script);
  const at = { number: 4, inEndpoint: 0x81, outEndpoint: 0x02 };
  return { link, clock, transport: new BulkOnlyTransport(link, at, clock) };
}

/** Runs `command` with that script, and tells how it ended and what was done. */
async function outcome(command: TransportCommand, ...script: Outcome[]) {
  const { link, transport } = scripted(...script);
  const told = await transport.run(command).then(
    (answer) => (answer.passed ? Buffer.from(answer.data).toString() : "failed"),
    (error: unknown) => `${errorCode(error)}: ${String(error)}`,
  );
  return { told, trace: link.trace };
}

describe("bulk-only transport", () => {
  it("sends the command, reads the data and then the status", async () => {
    assert.deepEqual(await outcome(reading(), "ok", DATA, first()), {
      told: DATA.toString(),
      trace: ["out 31", "in 36", "in 13"],
    });
    const { link, transport } = scripted("ok", "ok", first());
    assert.deepEqual(await transport.run(writing(DATA)), { passed: true, data: new Uint8Array(0) });
    assert.deepEqual(link.trace, ["out 31", "out 36", "in 13"]);
    assert.deepEqual(link.sent[1], DATA);
    assert.deepEqual(await outcome(NOTHING, "ok", first()), { told: "", trace: ["out 31", "in 13"] });
  });

  it("gives each command a tag of its own, and takes no status of another", async () => {
    const { link, transport } = scripted("ok", statusOf({ tag: 1 }), "ok", statusOf({ tag: 2 }));
    await transport.run(NOTHING);
    await transport.run(NOTHING);
    assert.deepEqual(
      link.sent.map((wrapper) => wrapper.readUInt32LE(4)),
      [1, 2],
    );
    link.goesOn("ok", statusOf({ tag: 2 }));
    await assert.rejects(transport.run(NOTHING), { code: "recorder-answer", place: /another command/ });
  });

  it("says when the device has taken the command, and only then", async () => {
    const { link, transport } = scripted("usb-timeout", "ok", "usb-gone");
    const taken: string[][] = [];
    const command = { ...NOTHING, onTaken: () => void taken.push([...link.trace]) };
    await assert.rejects(transport.run(command), { code: "recorder-silent" });
    assert.deepEqual(taken, []);
    await assert.rejects(transport.run(command), { code: "recorder-gone" });
    assert.deepEqual(taken, [["out 31", ...RESET_RECOVERY, "out 31"]]);
  });

  it("tells a command that failed from one that broke the rules", async () => {
    assert.deepEqual(await outcome(reading(), "ok", DATA, first({ status: 1, residue: 36 })), {
      told: "failed",
      trace: ["out 31", "in 36", "in 13"],
    });
  });

  describe("after a stall", () => {
    it("of the data clears the halt and reads the status", async () => {
      assert.deepEqual(await outcome(reading(), "ok", "usb-stall", first({ status: 1, residue: 36 })), {
        told: "failed",
        trace: ["out 31", "in 36", "clear 81", "in 13"],
      });
      assert.deepEqual(await outcome(writing(DATA), "ok", "usb-stall", first({ status: 1, residue: 36 })), {
        told: "failed",
        trace: ["out 31", "out 36", "clear 02", "in 13"],
      });
    });

    it("of the data never takes a command for done whose bytes did not cross", async () => {
      const read = await outcome(reading(), "ok", "usb-stall", first());
      assert.match(read.told, /recorder-answer.*residue 0 after 0 bytes/);
      const written = await outcome(writing(DATA), "ok", "usb-stall", first({ residue: 36 }));
      assert.match(written.told, /recorder-answer.*took 0 of 36 bytes/);
    });

    it("of the status clears the halt and reads it once more", async () => {
      assert.deepEqual(await outcome(reading(), "ok", DATA, "usb-stall", first()), {
        told: DATA.toString(),
        trace: ["out 31", "in 36", "in 13", "clear 81", "in 13"],
      });
    });

    it("of the status a second time resets the device", async () => {
      const { told, trace } = await outcome(reading(), "ok", DATA, "usb-stall", "usb-stall");
      assert.match(told, /recorder-answer.*status of 0 bytes/);
      assert.deepEqual(trace, [
        "out 31",
        "in 36",
        "in 13",
        "clear 81",
        "in 13",
        "clear 81",
        ...RESET_RECOVERY,
      ]);
    });

    it("of the command resets the device", async () => {
      const { told, trace } = await outcome(reading(), "usb-stall");
      assert.match(told, /^recorder-answer/);
      assert.deepEqual(trace, ["out 31", ...RESET_RECOVERY]);
    });
  });

  describe("resets a device, and refuses its answer, after", () => {
    const cases: [string, TransportCommand, Outcome[], RegExp][] = [
      ["a phase error", reading(), [DATA, first({ status: 2 })], /phase error/],
      ["a wrong signature", reading(), [DATA, first({ signature: 0x43425355 })], /signature/],
      ["the tag of another command", reading(), [DATA, statusOf({ tag: 7 })], /another command/],
      ["a status that is none", reading(), [DATA, first({ status: 9 })], /status 9/],
      ["a status cut short", reading(), [DATA, first().subarray(0, 5)], /status of 5 bytes/],
      [
        "a residue larger than what was asked for",
        reading(),
        [DATA, first({ residue: 37 })],
        /residue 37 of 36/,
      ],
      ["a residue where no data was", NOTHING, [first({ residue: 1 })], /residue 1 of 0/],
      [
        "data shorter than the residue tells",
        reading(),
        [DATA.subarray(0, 20), first({ residue: 4 })],
        /residue 4 after 20/,
      ],
      ["data that was not all taken", writing(DATA), ["ok", first({ residue: 6 })], /took 30 of 36/],
      ["more data than was asked for", reading(), ["usb-overflow"], /usb-overflow|in 36/],
      ["more data than fits, if the link lets it through", reading(), [Buffer.alloc(37)], /37 bytes/],
    ];
    for (const [what, command, script, why] of cases) {
      it(what, async () => {
        const { told, trace } = await outcome(command, "ok", ...script);
        assert.match(told, /^recorder-answer/);
        assert.match(told, why);
        assert.deepEqual(trace.slice(-3), RESET_RECOVERY);
      });
    }
  });

  it("believes the residue of data that was filled up, and nothing behind it", async () => {
    const { told } = await outcome(reading(), "ok", DATA, first({ residue: 32 }));
    assert.equal(told, "data");
    const short = await outcome(reading(), "ok", DATA.subarray(0, 20), first({ residue: 16 }));
    assert.equal(short.told, DATA.toString("utf8", 0, 20));
  });

  it("takes a status in place of data only where it says that nothing was sent", async () => {
    const inPlace = (told: object) => outcome(reading(), "ok", first(told), first());
    assert.deepEqual(await outcome(reading(), "ok", first({ status: 1, residue: 36 })), {
      told: "failed",
      trace: ["out 31", "in 36"],
    });
    assert.deepEqual(await outcome(reading(), "ok", first({ residue: 36 })), {
      told: "",
      trace: ["out 31", "in 36"],
    });
    // control: 13 bytes of data that look like a status of success are data, and then too short
    assert.match((await inPlace({ residue: 0 })).told, /recorder-answer.*residue 0 after 13 bytes/);
    assert.match((await inPlace({ signature: 1, residue: 36 })).told, /residue 0 after 13 bytes/);
    // data as long as a status may be anything
    const asLong = await outcome(reading(13), "ok", first({ residue: 13 }), first());
    assert.equal(asLong.told, first({ residue: 13 }).toString());
  });

  it("takes all phases together no longer than it may, and then resets the device", async () => {
    const { link, transport } = scripted("ok", DATA, first());
    link.transferMs = 700;
    await transport.run(reading());
    assert.deepEqual(link.timeoutsMs, [2_000, 1_300, 600]);

    const late = scripted("ok", DATA, first());
    late.link.transferMs = 1_000;
    await assert.rejects(late.transport.run(reading()), { code: "recorder-silent" });
    assert.deepEqual(late.link.trace, ["out 31", "in 36", ...RESET_RECOVERY]);

    const silent = scripted("ok", "usb-timeout");
    await assert.rejects(silent.transport.run(reading()), { code: "recorder-silent" });
    assert.deepEqual(silent.link.trace, ["out 31", "in 36", ...RESET_RECOVERY]);
  });

  it("leaves a device alone that is gone", async () => {
    const { told, trace } = await outcome(reading(), "ok", "usb-gone");
    assert.match(told, /^recorder-gone/);
    assert.deepEqual(trace, ["out 31", "in 36"]);
  });

  it("resets the device itself where the class reset fails, but not where it is gone", async () => {
    for (const classReset of ["usb-stall", "usb-timeout"] as const) {
      const { link, transport } = scripted("ok", "usb-timeout");
      link.classReset = classReset;
      await assert.rejects(transport.run(reading()), { code: "recorder-silent" });
      assert.deepEqual(link.trace, ["out 31", "in 36", "class-reset 4", "reset"]);
    }
    const { link, transport } = scripted("ok", "usb-timeout");
    link.classReset = "usb-gone";
    await assert.rejects(transport.run(reading()), { code: "recorder-silent" });
    assert.deepEqual(link.trace, ["out 31", "in 36", "class-reset 4"]);
  });

  it("runs the next command after every trouble", async () => {
    const troubles: Outcome[][] = [
      ["usb-stall"],
      ["ok", "usb-stall", "usb-stall", "usb-stall"],
      ["ok", DATA, first({ status: 2 })],
      ["ok", "usb-timeout"],
      ["ok", "usb-overflow"],
    ];
    for (const trouble of troubles) {
      const { link, transport } = scripted(...trouble);
      await assert.rejects(transport.run(reading()));
      link.goesOn("ok", DATA, statusOf({ tag: 2 }));
      assert.deepEqual(await transport.run(reading()), { passed: true, data: DATA });
    }
  });
});

describe("the interface of a disk", () => {
  const disk: UsbInterface = {
    number: 2,
    class: 8,
    subclass: 6,
    protocol: 0x50,
    endpoints: [
      { address: 0x83, type: "interrupt", packetBytes: 8 },
      { address: 0x04, type: "bulk", packetBytes: 512 },
      { address: 0x85, type: "bulk", packetBytes: 512 },
    ],
  };
  const device = (...interfaces: UsbInterface[]): UsbDevice => ({
    port: "1-1",
    insertion: 1,
    vendorId: 1,
    productId: 2,
    deviceClass: 0,
    interfaces,
  });

  it("is found among others by its descriptors", () => {
    const camera = { ...disk, number: 0, class: 14 };
    assert.deepEqual(bulkOnlyInterface(device(camera, disk)), {
      number: 2,
      inEndpoint: 0x85,
      outEndpoint: 0x04,
    });
  });

  it("is none of another class, subclass or protocol, or with one endpoint", () => {
    for (const other of [
      { ...disk, class: 6 },
      { ...disk, subclass: 1 },
      { ...disk, protocol: 0x62 },
      { ...disk, endpoints: disk.endpoints.slice(0, 2) },
    ])
      assert.throws(() => bulkOnlyInterface(device(other)), { code: "unsupported" });
  });
});

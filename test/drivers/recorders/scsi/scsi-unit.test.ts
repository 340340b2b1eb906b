import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorCode } from "../../../../config/base/errors.ts";
import { BulkOnlyTransport } from "../../../../drivers/recorders/scsi/bulk-only-transport.ts";
import { ScsiUnit } from "../../../../drivers/recorders/scsi/scsi-unit.ts";
import { ManualClock } from "../../../support/surroundings.ts";
import { type Outcome, ScriptedLink } from "../../../support/usb/scripted-link.ts";
import { statusOf } from "../../../support/usb/status-wrapper.ts";

/** Fixed format, SPC-4 §4.5.3. */
const sense = (key: number, code = 0, qualifier = 0): Buffer => {
  const bytes = Buffer.alloc(18);
  bytes.set([0x70, 0, key, 0, 0, 0, 0, 10]);
  bytes.set([code, qualifier], 12);
  return bytes;
};

function unit(...script: Outcome[]) {
  const clock = new ManualClock();
  const link = new ScriptedLink(clock, ...script);
  const at = { number: 0, inEndpoint: 0x81, outEndpoint: 0x02 };
  return { link, unit: new ScsiUnit(new BulkOnlyTransport(link, at, clock)) };
}

/** What the wrappers carry: length of the data, direction and command block, in hex. */
const commandsOf = (link: ScriptedLink) =>
  link.sent
    .filter((bytes) => bytes.length === 31 && bytes.readUInt32LE(0) === 0x43425355)
    .map((wrapper) => {
      const block = wrapper.subarray(15, 15 + wrapper.readUInt8(14)).toString("hex");
      return `${wrapper.readUInt32LE(8)} ${wrapper.readUInt8(12) === 0x80 ? "in" : "out"} ${block}`;
    });

const passed = (tag: number, residue = 0) => statusOf({ tag, residue });
const failed = (tag: number, residue = 0) => statusOf({ tag, residue, status: 1 });

describe("a SCSI unit", () => {
  it("is asked for INQUIRY with these bytes, and told by its text alone", async () => {
    const data = Buffer.from("\0\x80\0\x02\x1f\0\0\0DV16    DEVICE V1.00\0\0\0\x01\xff1.0", "latin1");
    const { link, unit: scsi } = unit("ok", data, passed(1));
    assert.deepEqual(await scsi.inquiry(), { vendor: "DV16", product: "DEVICE V1.00", revision: "1.0" });
    assert.deepEqual(commandsOf(link), ["36 in 120000002400"]);
    const short = unit("ok", data.subarray(0, 35), passed(1, 1));
    await assert.rejects(short.unit.inquiry(), { code: "recorder-answer", place: /35 of 36 bytes/ });
  });

  it("is ready, or says why not", async () => {
    const { link, unit: scsi } = unit(
      "ok",
      passed(1),
      "ok",
      failed(2),
      "ok",
      sense(0xf2, 0x3a, 1),
      passed(3),
    );
    assert.equal(await scsi.testUnitReady(), null);
    // the upper bits of the key byte are none of it
    assert.deepEqual(await scsi.testUnitReady(), { key: 2, code: 0x3a, qualifier: 1 });
    assert.deepEqual(commandsOf(link), ["0 out 000000000000", "0 out 000000000000", "18 in 030000001200"]);
  });

  it("tells the key of a sense cut short, and nothing of one that has no key", async () => {
    const { unit: scsi } = unit("ok", sense(5).subarray(0, 8), passed(1, 10));
    assert.deepEqual(await scsi.requestSense(), { key: 5, code: 0, qualifier: 0 });
    const short = unit("ok", sense(5).subarray(0, 7), passed(1, 11));
    await assert.rejects(short.unit.requestSense(), { code: "recorder-answer", place: /7 bytes/ });
    const none = unit("ok", "usb-stall", failed(1, 18));
    await assert.rejects(none.unit.requestSense(), { code: "recorder-answer", place: /0 bytes/ });
  });

  it("is refused with the sense", async () => {
    const block = Uint8Array.of(0xfd, 0x81);
    const { unit: scsi } = unit("ok", "usb-stall", failed(1, 4), "ok", sense(5, 0x20, 0), passed(2));
    await assert.rejects(scsi.read("GetIDCode", block, 4), {
      code: "recorder-refused",
      place: "GetIDCode: sense 05/20/00",
    });
    const written = unit("ok", "ok", failed(1), "ok", sense(7, 0x27, 0), passed(2));
    await assert.rejects(written.unit.write("WriteZFYInfo", block, Buffer.alloc(3)), {
      code: "recorder-refused",
      place: "WriteZFYInfo: sense 07/27/00",
    });
  });

  it("reads no less than what is asked for at least", async () => {
    const block = Uint8Array.of(0xfd);
    const read = (bytes: number) =>
      unit("ok", Buffer.alloc(bytes, 1), passed(1, 8 - bytes)).unit.read("R", block, 8, 5);
    assert.equal((await read(5)).length, 5);
    assert.equal((await read(8)).length, 8);
    assert.equal(await read(4).catch(errorCode), "recorder-answer");
  });

  it("writes nothing without a data phase, and with the longer time limit", async () => {
    const { link, unit: scsi } = unit("ok", passed(1), "ok", "ok", passed(2));
    const taken: number[] = [];
    await scsi.write(
      "Init_Device",
      Uint8Array.of(0xfb),
      new Uint8Array(0),
      () => void taken.push(link.trace.length),
    );
    await scsi.write("SyncDevTime", Uint8Array.of(0xfb), Buffer.alloc(7));
    assert.deepEqual(link.trace, ["out 31", "in 13", "out 31", "out 7", "in 13"]);
    assert.deepEqual(taken, [1]);
    assert.deepEqual([...new Set(link.timeoutsMs)], [10_000]);
    const { link: read, unit: reader } = unit("ok", Buffer.alloc(4), passed(1));
    await reader.read("R", Uint8Array.of(0xfd), 4);
    assert.deepEqual([...new Set(read.timeoutsMs)], [2_000]);
  });

  it("gets rid of what it has pending: each attention once, four at the most, and nothing else", async () => {
    const attention = (tag: number): Outcome[] => ["ok", failed(tag), "ok", sense(6, 0x29), passed(tag + 1)];
    const two = unit(...attention(1), ...attention(3), "ok", passed(5));
    await two.unit.takeAttentions();
    assert.equal(commandsOf(two.link).length, 5);
    const endless = unit(...attention(1), ...attention(3), ...attention(5), ...attention(7));
    await endless.unit.takeAttentions();
    assert.equal(commandsOf(endless.link).length, 8);
    const notReady = unit("ok", failed(1), "ok", sense(2, 0x3a), passed(2));
    await notReady.unit.takeAttentions();
    assert.equal(commandsOf(notReady.link).length, 2);
  });
});

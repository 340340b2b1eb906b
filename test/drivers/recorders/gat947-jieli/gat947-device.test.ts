import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "../../../../config/base/clock.ts";
import { Gat947Device } from "../../../../drivers/recorders/gat947-jieli/gat947-device.ts";
import { readGbk } from "../../../../drivers/recorders/gat947-jieli/gbk.ts";
import { withWearer } from "../../../../drivers/recorders/gat947-jieli/recorder-info.ts";
import { BulkOnlyTransport } from "../../../../drivers/recorders/scsi/bulk-only-transport.ts";
import { ScsiUnit } from "../../../../drivers/recorders/scsi/scsi-unit.ts";
import { JieliRecorder } from "../../../../drivers/simulator/recorders/jieli.ts";
import type { UsbLink } from "../../../../drivers/usb/usb-link.ts";
import { altered } from "../../../support/altered.ts";
import { infoFields, jieliPage } from "../../../support/recorders/jieli-page.ts";

const { signal } = new AbortController();
const PAGE = jieliPage();
const INFO_BYTES = 89;

const CALLS: Record<string, (device: Gat947Device) => Promise<unknown>> = {
  Init_Device: (device) => device.initDevice(signal),
  GetIDCode: (device) => device.getIdCode(signal),
  GetZFYInfo: (device) => device.getZfyInfo(signal),
  WriteZFYInfo: (device) => device.writeZfyInfo(Buffer.alloc(INFO_BYTES), signal),
  SyncDevTime: (device) => device.syncDevTime(Uint8Array.of(0xea, 7, 11, 24, 0, 30, 5), signal),
  SetMSDC: (device) => device.setMsdc(signal),
  ReadDeviceResolution: (device) => device.readDeviceResolution(signal),
  ReadDeviceBatteryDumpEnergy: (device) => device.readDeviceBatteryDumpEnergy(signal),
};
/** Calls after which nobody can be asked. */
const UNASKED = ["Init_Device", "SetMSDC"];
const WRITES = ["Init_Device", "WriteZFYInfo", "SyncDevTime", "SetMSDC"];

/** A simulated recorder, and every command block that has reached it, in hex. */
function recorder() {
  const simulated = new JieliRecorder(systemClock);
  const blocks: string[] = [];
  const link: UsbLink = simulated.open(0);
  const watched = altered(link, {
    bulkOut: (endpoint, bytes, timeoutMs) => {
      const wrapper = Buffer.from(bytes);
      if (wrapper.length === 31)
        blocks.push(wrapper.subarray(15, 15 + wrapper.readUInt8(14)).toString("hex"));
      return link.bulkOut(endpoint, bytes, timeoutMs);
    },
  });
  const at = { number: 0, inEndpoint: 0x81, outEndpoint: 0x02 };
  const unit = new ScsiUnit(new BulkOnlyTransport(watched, at, systemClock));
  return { simulated, blocks, device: new Gat947Device(unit) };
}

/** A command block as the page says that it is. */
function blockOf(command: number, bytes: number, isWrite: boolean): string {
  const block = Buffer.alloc(16);
  block.set(isWrite ? [0xfb, 0x82] : [0xfd, 0x81]);
  block[5] = command;
  block[7] = bytes;
  return block.toString("hex");
}

describe("the eight calls of GA/T 947.4-2015", () => {
  it("are the ones of the page", () => {
    assert.deepEqual(
      PAGE.flatMap(({ call }) => (call === "" ? [] : [call])).sort(),
      Object.keys(CALLS).sort(),
    );
    assert.deepEqual(
      PAGE.flatMap(({ call, command }) => (call === "" ? [command] : [])),
      [0x0c, 0x0e],
    );
  });

  for (const { call, command, bytes, failed } of PAGE) {
    const make = CALLS[call];
    if (make === undefined) continue;
    const isUnasked = UNASKED.includes(call);

    it(`${call} sends the command of the page, and then asks what became of it`, async () => {
      const { blocks, device } = recorder();
      await make(device);
      const before = { Init_Device: ["000000000000"], SetMSDC: [blockOf(0x0c, 4, false)] }[call] ?? [];
      const after = isUnasked ? [] : [blockOf(0x0e, 4, false)];
      assert.deepEqual(blocks, [...before, blockOf(command, bytes, WRITES.includes(call)), ...after]);
    });

    if (isUnasked) continue;
    it(`${call} fails with the result code of the page, whatever the transport says`, async () => {
      const { simulated, device } = recorder();
      simulated.fault = { kind: "result", status: 9 };
      await assert.rejects(make(device), {
        code: "recorder-refused",
        place: `${call}: result ${failed}, status 9`,
      });
    });
  }

  it("SetMSDC is not sent to a recorder without a card", async () => {
    const { simulated, blocks, device } = recorder();
    simulated.cardIn = false;
    await assert.rejects(device.setMsdc(signal), {
      code: "recorder-refused",
      place: "SetMSDC: result 8, no card",
    });
    assert.deepEqual(blocks, [blockOf(0x0c, 4, false)]);
  });
});

describe("the info of GetZFYInfo", () => {
  it("has each field where the page says, and the serial is nobody's to write", () => {
    const before = Buffer.alloc(INFO_BYTES, "#");
    const written = Buffer.from(
      withWearer(before, { id: "012345", name: "张三", unitId: "330102", unitName: "西湖区" }),
    );
    const texts = ["#######", "012345", "张三", "330102", "西湖区"];
    let offset = 0;
    for (const [at, [name, length]] of infoFields().entries()) {
      const field = written.subarray(offset, offset + length);
      assert.equal(readGbk(field), texts[at], name);
      offset += length;
    }
    assert.equal(offset, INFO_BYTES);
  });
});

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Clock, systemClock } from "../../../../config/base/clock.ts";
import { AgentError, errorCode } from "../../../../config/base/errors.ts";
import { deviceTime } from "../../../../drivers/recorders/gat947-jieli/device-time.ts";
import { openGat947 } from "../../../../drivers/recorders/gat947-jieli/gat947-recorder.ts";
import { type VENDOR_CALLS, vendorCommand } from "../../../../drivers/recorders/gat947-jieli/vendor-calls.ts";
import type { RecorderDriver } from "../../../../drivers/recorders/recorder-driver.ts";
import {
  BulkOnlyTransport,
  bulkOnlyInterface,
} from "../../../../drivers/recorders/scsi/bulk-only-transport.ts";
import { inquiryString } from "../../../../drivers/recorders/scsi/inquiry-string.ts";
import { ScsiUnit } from "../../../../drivers/recorders/scsi/scsi-unit.ts";
import { type JieliFault, JieliRecorder } from "../../../../drivers/simulator/recorders/jieli.ts";
import type { MakeRecorder } from "../../../contract/recorder/under-test.ts";
import { RECORDER_CHECKS, recorderDriverContract } from "../../../contract/recorder-driver.ts";
import { altered } from "../../../support/altered.ts";
import { DockingBench } from "../../../support/docking/docking-bench.ts";
import { trespasses } from "../../../support/recorders/jieli-manners.ts";
import { seededRandom } from "../../../support/surroundings.ts";

const going = new AbortController().signal;
const UTC_MS = Date.UTC(2026, 10, 23, 16, 30, 5);

/** Nobody waits: a sleep is over at once, and its time has passed. */
function leapingClock(): Clock {
  let us = 0;
  return {
    utcMs: () => UTC_MS + Math.floor(us / 1000),
    monoUs: () => us,
    sleep: async (ms) => {
      us += ms * 1000;
    },
  };
}

async function docked(clock: Clock = leapingClock()) {
  const device = new JieliRecorder(clock);
  const usb = { ...device.descriptors, port: "1-1", insertion: 1 };
  const open = () => openGat947(device.open(0), usb, { clock });
  return { device, usb, clock, open, driver: await open() };
}

/** For the contract: a recorder whose driver is changed. */
function makeJieli(
  change: (parts: Awaited<ReturnType<typeof docked>>) => Partial<RecorderDriver>,
): MakeRecorder {
  return async () => {
    const parts = await docked(systemClock);
    const { device, open } = parts;
    return {
      driver: altered(parts.driver, change(parts)),
      clockMs: () => device.clockMs(),
      hang: () => {
        device.fault = { kind: "silence" };
      },
      trespasses: () => trespasses(device),
      unplug: () => device.unplug(),
      replug: () => {
        device.plugIn();
        return open();
      },
      dispose: async () => device.unplug(),
    };
  };
}

recorderDriverContract(
  "gat947-jieli",
  makeJieli(() => ({})),
);

/** Reads the password back, as vendors' libraries do, before it asks who the recorder is. */
const curious = ({ driver, device, usb }: Awaited<ReturnType<typeof docked>>): Partial<RecorderDriver> => ({
  identify: async (signal) => {
    signal.throwIfAborted();
    const unit = new ScsiUnit(new BulkOnlyTransport(device.open(0), bulkOnlyInterface(usb), systemClock));
    const command = Uint8Array.from({ length: 16 }, (_, at) => [0xfd, 0x81, 0, 0, 0, 0x0d, 0, 16][at] ?? 0);
    assert.equal(Buffer.from(await unit.read("password", command, 16)).toString("latin1", 0, 6), "000000");
    return driver.identify(signal);
  },
});

describe("the password of a JieLi recorder", () => {
  it("is asked for by no driver: the contract catches one that does", async () => {
    const check = RECORDER_CHECKS["tells who it is, in bounds and the same each time"];
    await assert.rejects(
      check(makeJieli(curious)),
      /asked what no driver may ask[\s\S]*0D|0D[\s\S]*no driver/,
    );
  });

  it("is asked for in no docking, from insertion to its coming back as a disk", async () => {
    const docking = async (change: typeof curious) => {
      const parts = await docked();
      const bench = new DockingBench({ wipeUnknown: true, readyWithout: ["clock"] });
      bench.memory.allReceipted = true;
      const link = new AbortController();
      const end = await bench.docking.run(altered(parts.driver, change(parts)), link.signal);
      assert.deepEqual(end, { kind: "switched" });
      link.abort();
      bench.recorder.card = { "DCIM/a.mp4": { content: Buffer.from("a"), modifiedMs: UTC_MS } };
      void bench.insert();
      await bench.until("ready", 2_000);
      await bench.take();
      assert.deepEqual(bench.writer.of("dock.attach").length, 1);
      return { asked: [...parts.device.commands.keys()], trespassed: trespasses(parts.device) };
    };
    const { asked, trespassed } = await docking(() => ({}));
    assert.deepEqual(trespassed, []);
    // who it is, its info, its clock, its battery, and the switch: all of it was there to be seen
    for (const command of [0x102, 0x103, 0x105, 0x106, 0x108])
      assert.ok(asked.includes(command), `${command}`);
    assert.deepEqual((await docking(curious)).trespassed, ["0D"]);
  });
});

describe("a recorder with a JieLi chip", () => {
  it("is asked with these bytes", () => {
    const hex = (call: keyof typeof VENDOR_CALLS) => Buffer.from(vendorCommand(call)).toString("hex");
    assert.equal(hex("init"), "fb820000000100000000000000000000");
    assert.equal(hex("idCode"), "fd810000000200080000000000000000");
    assert.equal(hex("readInfo"), "fd810000000300590000000000000000");
    assert.equal(hex("writeInfo"), "fb820000000400590000000000000000");
    assert.equal(hex("setTime"), "fb820000000500070000000000000000");
    assert.equal(hex("switchToDisk"), "fb820000000600000000000000000000");
    assert.equal(hex("resolution"), "fd810000000700080000000000000000");
    assert.equal(hex("battery"), "fd810000000800040000000000000000");
    assert.equal(hex("cardStatus"), "fd810000000c00040000000000000000");
    assert.equal(hex("lastStatus"), "fd810000000e00040000000000000000");
    // 00:30:05 on the 24th in China
    assert.equal(Buffer.from(deviceTime(UTC_MS, 480)).toString("hex"), "ea070b18001e05");
  });

  it("tells who it is, and its INQUIRY", async () => {
    const { driver, device, usb, clock } = await docked();
    assert.deepEqual(await driver.identify(going), {
      serial: "DV16A1-A000001",
      model: "DV16 DEVICE V1.00",
      firmware: "1.00",
    });
    assert.equal(await inquiryString(device.open(0), usb, clock), "DV16 DEVICE V1.00 1.00");
    for (const idCode of ["DV16A", "DV16A1", "DV16A12", "DV16A123"]) {
      device.idCode = idCode;
      assert.equal((await driver.identify(going)).serial, `${idCode}-A000001`);
    }
    device.idCode = "DV16";
    await assert.rejects(driver.identify(going), { code: "recorder-answer" });
  });

  it("keeps each wearer that fits, and the serial beside it", async () => {
    const { driver, device } = await docked();
    const text = (bytes: number) =>
      fc
        .array(fc.constantFrom("张", "三", "警", "€", "A", "9", "-"), { minLength: 1, maxLength: bytes })
        .map((letters) => letters.join(""))
        .filter((joined) => joined.replace(/[^\x20-\x7e€]/g, "xx").length <= bytes);
    await fc.assert(
      fc.asyncProperty(text(6), text(32), text(12), text(32), async (id, name, unitId, unitName) => {
        const wearer = { id, name, unitId, unitName };
        await driver.writeWearer(wearer, going);
        assert.deepEqual(await driver.readWearer(going), wearer);
        assert.equal(device.info.toString("latin1", 0, 7), "A000001");
      }),
    );
    const before = Buffer.from(device.info);
    const unfit = [
      { id: "" },
      { id: "1234567" },
      { id: "1", name: "𠮷" },
      { id: "1", name: "张".repeat(17) },
    ];
    for (const wearer of unfit)
      await assert.rejects(driver.writeWearer(wearer, going), { code: "wearer-unfit" });
    assert.deepEqual(device.info, before);
  });

  it("ends every fault in its code, within its time", async () => {
    const faults: [JieliFault, string][] = [
      [{ kind: "silence" }, "recorder-silent"],
      [{ kind: "stall", phase: "command" }, "recorder-answer"],
      [{ kind: "stall", phase: "data" }, "recorder-answer"],
      [{ kind: "stall", phase: "status" }, "recorder-answer"],
      [{ kind: "wrong-tag" }, "recorder-answer"],
      [{ kind: "wrong-signature" }, "recorder-answer"],
      [{ kind: "phase-error" }, "recorder-answer"],
      [{ kind: "data-length", bytes: 3 }, "recorder-answer"],
      [{ kind: "data-length", bytes: 500 }, "recorder-answer"],
      [{ kind: "residue", bytes: 2 }, "recorder-answer"],
      [{ kind: "residue", bytes: 2 ** 31 }, "recorder-answer"],
      [{ kind: "result", status: 1 }, "recorder-refused"],
    ];
    const { driver, device, clock } = await docked();
    for (const [fault, code] of faults) {
      device.fault = fault;
      const startUs = clock.monoUs();
      const told = await driver.battery(going).then(String, errorCode);
      assert.equal(told, code, JSON.stringify(fault));
      assert.ok(clock.monoUs() - startUs <= 3_000_000, JSON.stringify(fault));
      device.fault = null;
      assert.equal((await driver.battery(going)).percent, 80, `after ${JSON.stringify(fault)}`);
    }
    device.batteryPercent = 0;
    assert.equal((await driver.battery(going)).percent, 0);
  });

  it("is gone at whichever byte it is pulled", async () => {
    for (let atByte = 0; atByte < 90; atByte++) {
      const { driver, device, open } = await docked();
      device.plugIn();
      const again = await open();
      device.fault = { kind: "unplug", atByte: atByte + 88 };
      await assert.rejects(again.battery(going), { code: "recorder-gone" }, `byte ${atByte}`);
      await driver.close();
    }
  });

  it("switches to disk by dropping off the bus, and not without a card", async () => {
    const { driver, device } = await docked();
    device.cardIn = false;
    await assert.rejects(driver.switchToDisk(going), { code: "recorder-refused" });
    device.cardIn = true;
    await driver.switchToDisk(going);
    await assert.rejects(driver.battery(going), { code: "recorder-gone" });
  });

  it("stands 100,000 spoilt answers, and is never asked for its password", { timeout: 60_000 }, async () => {
    const { driver, device } = await docked();
    const random = seededRandom("spoilt").bytes(1 << 16);
    let at = 0;
    let spoilt = 0;
    const next = (): number => random[at++ & 0xffff] as number;
    const change = (bytes: Uint8Array): Uint8Array => {
      spoilt++;
      const copy = Buffer.from(bytes);
      if (copy.length > 0) copy[next() % copy.length] = next();
      const roll = next() % 4;
      if (roll === 0) return copy.subarray(0, next() % (copy.length + 1));
      return roll === 1 ? Buffer.concat([copy, copy]) : copy;
    };
    device.fault = { kind: "tamper", change };
    const calls: ((one: RecorderDriver) => Promise<unknown>)[] = [
      (one) => one.identify(going),
      (one) => one.battery(going),
      (one) => one.setClock(UTC_MS, going),
      (one) => one.readWearer(going),
      (one) => one.writeWearer({ id: "1", name: "张三" }, going),
    ];
    const codes = new Set<string>();
    for (let turn = 0; spoilt < 100_000; turn++) {
      const call = calls[turn % calls.length] as (one: RecorderDriver) => Promise<unknown>;
      await call(driver).then(
        () => codes.add("answered"),
        (error: unknown) => {
          assert.ok(error instanceof AgentError, String(error));
          codes.add(error.code);
        },
      );
      at += 7;
    }
    const known = ["answered", "recorder-answer", "recorder-refused", "recorder-silent"];
    assert.deepEqual(
      [...codes].filter((code) => !known.includes(code)),
      [],
    );
    assert.deepEqual(trespasses(device), []);
    device.fault = null;
    assert.equal((await driver.battery(going)).percent, 80);
  });
});

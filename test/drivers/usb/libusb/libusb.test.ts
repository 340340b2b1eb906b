import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Clock, systemClock } from "../../../../config/base/clock.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import { kernelInquiry } from "../../../../drivers/usb/libusb/kernel-inquiry.ts";
import { LibusbBus } from "../../../../drivers/usb/libusb/libusb-bus.ts";
import { usbError } from "../../../../drivers/usb/libusb/libusb-errors.ts";

const DEVICE = { port: "1-1", insertion: 1, vendorId: 1, productId: 2, deviceClass: 0, interfaces: [] };

describe("libusb", () => {
  it("is an empty bus with one warning where the machine has no USB, with the real package", async () => {
    const warnings: string[] = [];
    const bus = new LibusbBus({ clock: systemClock, warn: ({ code }) => warnings.push(code) });
    const watching = new AbortController();
    await bus.watch(() => assert.fail("a device"), watching.signal);
    assert.deepEqual(warnings, ["usb-none"]);
    await assert.rejects(bus.open(DEVICE, 0), { code: "usb-gone" });
    watching.abort();
    await bus.close();
  });

  it("is an empty bus with one warning where it cannot be loaded", async () => {
    const warnings: string[] = [];
    const bus = new LibusbBus({
      clock: systemClock,
      warn: ({ code, place }) => warnings.push(`${code}: ${place}`),
      load: () => Promise.reject(new Error("libudev.so.1: no such file")),
    });
    await bus.watch(() => assert.fail("a device"), new AbortController().signal);
    assert.deepEqual(warnings, ["usb-unavailable: Error: libudev.so.1: no such file"]);
    await bus.close();
  });

  it("tells its numbers in our words", () => {
    const code = (errno: number): string => usbError(Object.assign(new Error("x"), { errno }), "1-1").code;
    // statuses of a transfer, then errors of a call
    assert.deepEqual([1, 2, 3, 4, 5, 6].map(code), [
      "usb-failed",
      "usb-timeout",
      "usb-gone",
      "usb-stall",
      "usb-gone",
      "usb-overflow",
    ]);
    assert.deepEqual([-1, -3, -4, -6, -7, -8, -9, -99].map(code), [
      "usb-failed",
      "usb-access",
      "usb-gone",
      "usb-busy",
      "usb-timeout",
      "usb-overflow",
      "usb-stall",
      "usb-failed",
    ]);
    assert.equal(usbError(new Error("Device is not open"), "1-1").code, "usb-failed");
    assert.match(usbError({ errno: -3 }, "1-1").next ?? "", /udev/);
    const ours = new AgentError("usb-gone", "x");
    assert.equal(usbError(ours, "1-1"), ours);
  });
});

describe("what the kernel was answered to INQUIRY", () => {
  async function withDevices(work: (devices: string, unit: string) => Promise<void>): Promise<void> {
    const devices = await mkdtemp(join(tmpdir(), "sys-"));
    const one = join(devices, "1-1.4:1.0");
    try {
      await mkdir(one);
      await symlink("../../drivers/usb-storage", join(one, "driver"));
      await work(devices, join(one, "host6/target6:0:0/6:0:0:0"));
    } finally {
      await rm(devices, { recursive: true, force: true });
    }
  }

  async function answer(unit: string): Promise<void> {
    await mkdir(unit, { recursive: true });
    await writeFile(join(unit, "vendor"), "DV16    \n");
    await writeFile(join(unit, "model"), "DEVICE V1.00    \n");
    await writeFile(join(unit, "rev"), "1.00\n");
  }

  it("is waited for while its driver holds the interface", () =>
    withDevices(async (devices, unit) => {
      let sleeps = 0;
      const clock: Clock = {
        ...systemClock,
        sleep: async () => {
          if (++sleeps === 3) await answer(unit);
        },
      };
      assert.equal(await kernelInquiry("1-1.4", 0, clock, devices), "DV16    DEVICE V1.00    1.00");
      assert.equal(sleeps, 3);
    }));

  it("is nothing after a time, for another interface, or where no driver holds it", () =>
    withDevices(async (devices) => {
      let sleptMs = 0;
      const clock: Clock = {
        ...systemClock,
        sleep: async (ms) => {
          sleptMs += ms;
        },
      };
      assert.equal(await kernelInquiry("1-1.4", 0, clock, devices), null);
      assert.equal(sleptMs, 4_000);
      assert.equal(await kernelInquiry("1-1.4", 1, clock, devices), null);
      assert.equal(await kernelInquiry("1-1", 0, clock, devices), null);
      await rm(join(devices, "1-1.4:1.0/driver"));
      assert.equal(await kernelInquiry("1-1.4", 0, clock, devices), null);
      assert.equal(sleptMs, 4_000);
    }));
});

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SerialPort } from "serialport";
import { type Device, getDeviceList, usb } from "usb";
import { eventually } from "../support/waiting.ts";
import { askHost, hardware } from "./support/host.ts";

// What the machine itself shows, before any driver of ours: without it, the other tests prove nothing.

const BY_ID = "/dev/serial/by-id";
const SLOW_MS = 60_000;
const MTP = { vendorId: 0x46f4, productId: 0x0004 };

function mtpDevice(): Device | undefined {
  return getDeviceList().find(
    ({ deviceDescriptor: { idVendor, idProduct } }) =>
      idVendor === MTP.vendorId && idProduct === MTP.productId,
  );
}

function serialPath(): string {
  // udev makes the folder with the first port
  const names = existsSync(BY_ID) ? readdirSync(BY_ID) : [];
  return join(BY_ID, names.find((name) => name.includes("QEMU_USB_SERIAL")) ?? "none");
}

test("libusb lists the MTP device with its still-image interface and three endpoints", () => {
  const device = mtpDevice();
  assert.ok(device !== undefined);
  const settings = device.allConfigDescriptors.flatMap(({ interfaces }) => interfaces.flat());
  const still = settings.find(({ bInterfaceClass }) => bInterfaceClass === 6);
  assert.deepEqual(
    still?.endpoints
      .map(({ bmAttributes, bEndpointAddress }) => [bmAttributes & 3, bEndpointAddress >> 7])
      .sort(),
    [
      [2, 0],
      [2, 1],
      [3, 1],
    ],
  );
});

test("libusb tells when the device is pulled out and put in again", { timeout: SLOW_MS }, async () => {
  const told: string[] = [];
  usb.on("attach", () => told.push("attach"));
  usb.on("detach", () => told.push("detach"));
  try {
    await askHost({ kind: "unplug", device: "mtp" });
    await eventually("the detach", () => told.includes("detach"), SLOW_MS);
    assert.equal(mtpDevice(), undefined);
    await askHost({ kind: "plug", device: "mtp" });
    await eventually("the attach", () => told.includes("attach"), SLOW_MS);
    assert.ok(mtpDevice() !== undefined);
  } finally {
    usb.removeAllListeners();
  }
});

test("a serial port opens by its stable name and carries bytes both ways", { timeout: SLOW_MS }, async () => {
  await askHost({ kind: "line", does: "echo" });
  const port = new SerialPort({ path: serialPath(), baudRate: 115_200, autoOpen: false });
  await new Promise<void>((done, failed) => port.open((error) => (error ? failed(error) : done())));
  const sent = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
  const got: Buffer[] = [];
  port.on("data", (bytes: Buffer) => got.push(bytes));
  port.write(sent);
  await eventually("the echo", () => Buffer.concat(got).length >= sent.length, SLOW_MS);
  assert.deepEqual(Buffer.concat(got), sent);
  const closed = once(port, "close");
  port.close();
  await closed;
});

test("a serial port that is pulled out closes, and comes back under its name", {
  timeout: SLOW_MS,
}, async () => {
  const port = new SerialPort({ path: serialPath(), baudRate: 115_200, autoOpen: false });
  await new Promise<void>((done, failed) => port.open((error) => (error ? failed(error) : done())));
  const closed = once(port, "close");
  // it notices only while it reads
  port.resume();
  await askHost({ kind: "unplug", device: "ftdi" });
  const [reason] = (await closed) as [{ disconnected?: boolean } | undefined];
  assert.equal(reason?.disconnected, true);
  await askHost({ kind: "plug", device: "ftdi" });
  await eventually("its name", () => existsSync(serialPath()), SLOW_MS);
});

test("the disk is there with all its sectors", () => {
  const path = "/dev/disk/by-id";
  const name = readdirSync(path).find((found) => found.startsWith("usb-QEMU_QEMU_HARDDISK"));
  const disk =
    realpathSync(join(path, name ?? "none"))
      .split("/")
      .at(-1) ?? "";
  const sectors = Number(readFileSync(`/sys/block/${disk}/size`, "utf8"));
  assert.equal(sectors * 512, hardware.stickBytes);
});

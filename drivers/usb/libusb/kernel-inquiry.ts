import { readdir, readFile, readlink } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Clock } from "../../../config/base/clock.ts";

const DEVICES = "/sys/bus/usb/devices";
/** usb-storage waits 1 s (`delay_use`) before it asks. */
const WAIT_MS = 4_000;
const LOOK_EVERY_MS = 200;

/**
 * What the kernel's own storage driver was answered to SCSI INQUIRY, as one text: whoever asks the kernel takes no
 * disk away from it. Null where that driver does not hold the interface, or was not answered within 4 s.
 */
export async function kernelInquiry(
  port: string,
  interfaceNumber: number,
  clock: Clock,
  devices: string = DEVICES,
): Promise<string | null> {
  const path = await interfaceFolder(devices, port, interfaceNumber);
  if (path === null) return null;
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += LOOK_EVERY_MS) {
    const driver = basename(await readlink(join(path, "driver")).catch(() => ""));
    if (driver !== "usb-storage" && driver !== "uas") return null;
    const text = await askedBefore(path);
    if (text !== null) return text;
    await clock.sleep(LOOK_EVERY_MS);
  }
  return null;
}

/** `1-1.4:1.0`: port, configuration, interface; null: there is none such. */
export async function interfaceFolder(
  devices: string,
  port: string,
  interfaceNumber: number,
): Promise<string | null> {
  const names = await readdir(devices).catch(() => []);
  const name = names.find((one) => one.startsWith(`${port}:`) && one.endsWith(`.${interfaceNumber}`));
  return name === undefined ? null : join(devices, name);
}

/** `host6/target6:0:0/6:0:0:0` below the interface holds vendor, model and rev. */
async function askedBefore(path: string): Promise<string | null> {
  const host = await only(path, /^host[0-9]+$/);
  const target = host === null ? null : await only(host, /^target/);
  const unit = target === null ? null : await only(target, /^[0-9]+:[0-9]+:[0-9]+:0$/);
  if (unit === null) return null;
  const fields = await Promise.all(
    ["vendor", "model", "rev"].map((name) => readFile(join(unit, name), "latin1").catch(() => null)),
  );
  return fields.includes(null) ? null : fields.map((field) => field?.replace(/\n$/, "")).join("");
}

async function only(path: string, pattern: RegExp): Promise<string | null> {
  const name = (await readdir(path).catch(() => [])).find((one) => pattern.test(one));
  return name === undefined ? null : join(path, name);
}

import { systemClock } from "../../../../config/base/clock.ts";
import { errorCode } from "../../../../config/base/errors.ts";
import { examineWords } from "../../../cli/text/doctor/examine.ts";
import { hardwareWords as words } from "../../../cli/text/doctor/hardware.ts";
import { listUsb, placeOf } from "../../../probes/usb/bus-watch.ts";
import { type SeenDevice, usbId } from "../../../probes/usb/seen-device.ts";
import { type Check, fail, hasAgent, ok, type Patient, skipped, warn } from "../../check.ts";

const LIMIT_MS = 10_000;

/** What is plugged in; null: this machine has no USB. Throws `usb-hub-missing`. */
async function devicesOf({ config, machine }: Patient): Promise<SeenDevice[] | null> {
  try {
    const devices = await listUsb(placeOf(config, machine.usb), config, systemClock);
    return devices.filter(({ finding }) => finding.kind !== "hub");
  } catch (error) {
    if (errorCode(error) === "usb-none") return null;
    throw error;
  }
}

const usbDevices: Check = {
  id: "usb-devices",
  name: words.usbDevices,
  why: words.usbDevicesWhy,
  next: words.usbDevicesNext,
  limitMs: LIMIT_MS,
  async run(patient) {
    const devices = await devicesOf(patient);
    const isNeeded = patient.config.role === "dock";
    if (devices === null) return isNeeded ? fail(words.usbNone) : skipped(words.usbNone);
    return ok(words.usbSeen, { count: devices.length, names: devices.map(nameOf).join(", ") || "–" });
  },
};

/** As `1-1.4 05c6:9025 Cam`. */
function nameOf(device: SeenDevice): string {
  return [device.port, usbId(device), device.product ?? ""].join(" ").trim();
}

const usbDrivers: Check = {
  id: "usb-drivers",
  name: words.usbDrivers,
  why: words.usbDriversWhy,
  next: words.usbDriversNext,
  limitMs: LIMIT_MS,
  async run(patient) {
    if (patient.config.role !== "dock") return skipped(examineWords.notThisRole);
    const devices = await devicesOf(patient);
    if (devices === null) return skipped(words.usbNone);
    const recorders = devices.filter(({ finding }) => finding.kind === "recorder");
    if (recorders.length === 0) return ok(words.usbUnclaimed);
    const closed = recorders.filter((device) => device.may_open === false);
    if (closed.length > 0) return fail(words.usbForbidden, { names: closed.map(nameOf).join(", ") });
    const names = recorders.map(claimText).join(", ");
    return (isTaken(patient, recorders) ? warn : ok)(words.usbClaims, { names });
  },
};

/** As `1-1.4 mtp: usbfs`: the driver that fits, and who has claimed the device. */
function claimText({ port, finding, interfaces }: SeenDevice): string {
  const driver = finding.kind === "recorder" ? finding.driver : "";
  return `${port} ${driver}: ${claimsOf(interfaces).join(" ") || "–"}`;
}

function claimsOf(interfaces: SeenDevice["interfaces"]): string[] {
  return interfaces.flatMap(({ claimed_by: by }) => (by === undefined ? [] : [by]));
}

/** True where some other program has a recorder: no dock runs that it could be. */
function isTaken(patient: Patient, recorders: readonly SeenDevice[]): boolean {
  return !hasAgent(patient) && recorders.some(({ interfaces }) => claimsOf(interfaces).includes("usbfs"));
}

export const USB_CHECKS: readonly Check[] = [usbDevices, usbDrivers];

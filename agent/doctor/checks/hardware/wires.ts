import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { systemClock } from "../../../../config/base/clock.ts";
import { Counters } from "../../../../config/base/counters.ts";
import { systemRandom } from "../../../../config/base/random.ts";
import type { RecorderConfig } from "../../../../config/schema.ts";
import { SerialControlBoard } from "../../../../drivers/serial/board/serial-control-board.ts";
import { systemPort } from "../../../../drivers/serial/line/system-port.ts";
import { examineWords } from "../../../cli/text/doctor/examine.ts";
import { hardwareWords as words } from "../../../cli/text/doctor/hardware.ts";
import { type Check, fail, ok, type Patient, skipped, warn } from "../../check.ts";
import { mayUse } from "../../rights.ts";
import { readText } from "../../system-files.ts";

const LIMIT_MS = 10_000;
const PING_MS = 6_000;
const USB_DEVICES = "/sys/bus/usb/devices";
const SERIAL_DEVICES = "/dev/serial/by-id";
/** Classes that recorders show (usb.org, "Defined Class Codes"): still image, mass storage, vendor. */
const RECORDER_CLASSES = ["06", "08", "ff"];

const usbDevices: Check = {
  id: "usb-devices",
  name: words.usbDevices,
  why: words.usbDevicesWhy,
  next: words.usbDevicesNext,
  limitMs: LIMIT_MS,
  run({ config }) {
    const needed = config.role === "dock" && config.dock.usb === "libusb";
    if (!existsSync(USB_DEVICES)) return needed ? fail(words.usbNone) : skipped(words.usbNone);
    // root hubs are called usb1, interfaces have a colon
    const found = readdirSync(USB_DEVICES).filter((name) => /^[0-9]+-[0-9.]+$/.test(name));
    const names = found.map((port) => {
      const [vendor, product] = [
        readText(USB_DEVICES, port, "idVendor"),
        readText(USB_DEVICES, port, "idProduct"),
      ];
      return `${port} ${vendor}:${product} ${readText(USB_DEVICES, port, "product")}`.trim();
    });
    return ok(words.usbSeen, { count: found.length, names: names.join(", ") });
  },
};

const usbDrivers: Check = {
  id: "usb-drivers",
  name: words.usbDrivers,
  why: words.usbDriversWhy,
  next: words.usbDriversNext,
  limitMs: LIMIT_MS,
  run({ config }) {
    if (config.role !== "dock") return skipped(examineWords.notThisRole);
    if (!existsSync(USB_DEVICES)) return skipped(words.usbNone);
    const interfaces = readdirSync(USB_DEVICES).filter(
      (name) =>
        name.includes(":") && RECORDER_CLASSES.includes(readText(USB_DEVICES, name, "bInterfaceClass")),
    );
    if (interfaces.length === 0) return ok(words.usbUnclaimed);
    const names = interfaces.map((name) => {
      const driver = join(USB_DEVICES, name, "driver");
      return `${name} ${existsSync(driver) ? basename(readlinkSync(driver)) : "–"}`;
    });
    return ok(words.usbClaims, { names: names.join(", ") });
  },
};

const serialPorts: Check = {
  id: "serial-ports",
  name: words.serialPorts,
  why: words.serialPortsWhy,
  next: words.serialPortsNext,
  limitMs: LIMIT_MS,
  run({ config }) {
    for (const path of portsOf(config)) {
      if (!existsSync(path)) return fail(words.serialMissing, { path });
      if (!mayUse(path)) return fail(words.serialForbidden, { path });
    }
    const names = existsSync(SERIAL_DEVICES) ? readdirSync(SERIAL_DEVICES) : [];
    return names.length === 0 ? ok(words.camerasNone) : ok(words.camerasSeen, { names: names.join(", ") });
  },
};

function portsOf(config: Patient["config"]): string[] {
  if (config.role === "recorder")
    return [config.board?.device, config.gnss?.device].filter((path) => path !== undefined);
  return config.role === "dock" && config.badgeReader !== undefined ? [config.badgeReader.device] : [];
}

const board: Check = {
  id: "board",
  name: words.board,
  why: words.boardWhy,
  next: words.boardNext,
  limitMs: LIMIT_MS,
  run({ config, live, silence }, signal) {
    if (config.role !== "recorder") return skipped(examineWords.notThisRole);
    if (silence !== null) return skipped(examineWords.agentHasIt);
    if (config.board === undefined) return skipped(examineWords.notConfigured);
    const { device: path } = config.board;
    if (!existsSync(path)) return fail(words.serialMissing, { path });
    if (live?.board === undefined) return pingBoard(config.board, signal);
    const { connected, model = "?", firmware = "?", battery_pct: battery = "?" } = live.board;
    return connected ? ok(words.boardSeen, { model, firmware, battery }) : fail(words.boardGone);
  },
};

/** Greets the board and lets it go: no lamp, no clock and no watchdog is touched. */
async function pingBoard({ device: path, baud }: NonNullable<RecorderConfig["board"]>, signal: AbortSignal) {
  const done = new AbortController();
  const startUs = systemClock.monoUs();
  try {
    return await new Promise<ReturnType<typeof ok>>((resolve, reject) => {
      const link = new SerialControlBoard({
        open: systemPort({ path, baud, clock: systemClock }),
        clock: systemClock,
        random: systemRandom,
        counters: new Counters(),
        listener: (event) => {
          if (event.kind !== "connected") return;
          const ms = Math.ceil((systemClock.monoUs() - startUs) / 1000);
          resolve(ok(words.boardPing, { model: event.identity.model, ms }));
        },
      });
      link.run(AbortSignal.any([done.signal, signal])).catch(reject);
      systemClock.sleep(PING_MS, done.signal).then(
        () => resolve(fail(words.boardSilent)),
        () => {},
      );
    });
  } finally {
    done.abort();
  }
}

const gnss: Check = {
  id: "gnss",
  name: words.gnss,
  why: words.gnssWhy,
  next: words.gnssNext,
  limitMs: LIMIT_MS,
  run({ config, live }) {
    if (config.role !== "recorder") return skipped(examineWords.notThisRole);
    if (config.gnss === undefined) return skipped(examineWords.notConfigured);
    if (live?.gnss === undefined) return skipped(words.gnssAsk);
    return live.gnss.fix ? ok(words.gnssFix) : warn(words.gnssNoFix);
  },
};

export const WIRE_CHECKS: readonly Check[] = [usbDevices, usbDrivers, serialPorts, board, gnss];

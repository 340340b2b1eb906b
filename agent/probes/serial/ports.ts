import { constants } from "node:fs";
import { access, readdir, readFile, readlink, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Config } from "../../../config/schema.ts";

/** What a configuration uses a serial line for. */
export type SerialUse = "board" | "gnss" | "badge-reader" | "lamp-board";

export interface SerialPortSeen {
  /** The device node; of a configured path to which nothing is plugged in, that path. */
  device: string;
  /** The path that stays the same over replugging and restarts. */
  stable?: string;
  /** The kernel's driver, such as `cdc_acm`, `ch341-uart`, `pl011`. */
  driver?: string;
  /** What the USB device behind it calls itself. */
  product?: string;
  /** Its USB port, as in /sys/bus/usb/devices. */
  usb_port?: string;
  /** Whether this account may read and write it. */
  may_open: boolean;
  used_by?: SerialUse;
  /** The configuration names it, and it is not there. */
  missing?: true;
}

/** Where the system shows its serial lines. */
export interface SerialFolders {
  /** `/dev` */
  dev: string;
  /** `/sys/class/tty` */
  tty: string;
}

export const SYSTEM_FOLDERS: SerialFolders = { dev: "/dev", tty: "/sys/class/tty" };

/** Serial lines with hardware behind them, and those that `config` names; the stable ones first. */
export async function listSerialPorts(
  config: Config | null,
  folders: SerialFolders = SYSTEM_FOLDERS,
): Promise<SerialPortSeen[]> {
  const stable = await stablePaths(folders.dev);
  const names = (await readdir(folders.tty).catch(() => [])).sort();
  const seen = (await Promise.all(names.map((name) => lookAt(name, folders, stable)))).filter(
    (port) => port !== null,
  );
  for (const { path, use } of config === null ? [] : usesOf(config)) {
    const node = await realpath(path).catch(() => null);
    const known = seen.find(({ device }) => device === node);
    if (known !== undefined) known.used_by = use;
    else if (node === null) seen.push({ device: path, may_open: false, used_by: use, missing: true });
    // a pseudo-terminal, or a line that the kernel lists nowhere
    else seen.push({ device: node, stable: path, may_open: await mayOpen(node), used_by: use });
  }
  return seen.sort((a, b) => Number(b.stable !== undefined) - Number(a.stable !== undefined));
}

/** null: a console or a line of the kernel's without hardware. */
async function lookAt(
  name: string,
  { dev, tty }: SerialFolders,
  stable: ReadonlyMap<string, string>,
): Promise<SerialPortSeen | null> {
  const hardware = await realpath(join(tty, name, "device")).catch(() => null);
  if (hardware === null) return null;
  // a PC has 32 lines of the 8250 driver, most without a chip: type 0 (PORT_UNKNOWN of serial_core.h)
  if ((await textOf(join(tty, name, "type"))) === "0") return null;
  const device = join(dev, name);
  const usb = await usbDeviceAbove(hardware);
  const driver = await driverAbove(hardware);
  const path = stable.get(await realpath(device).catch(() => device));
  return {
    device,
    ...(path === undefined ? {} : { stable: path }),
    ...(driver === null ? {} : { driver }),
    ...(usb === null ? {} : usb),
    may_open: await mayOpen(device),
  };
}

/** Newer kernels put a `port` and its `ctrl` of their own between a line and its hardware. null: none is told. */
async function driverAbove(hardware: string): Promise<string | null> {
  for (let folder = hardware, level = 0; level < 3; folder = join(folder, ".."), level++) {
    const driver = basename(await readlink(join(folder, "driver")).catch(() => ""));
    if (driver !== "" && driver !== "port" && driver !== "ctrl") return driver;
  }
  return null;
}

/** The USB device to which a line belongs: the first folder above that has a vendor id. null: none. */
async function usbDeviceAbove(hardware: string): Promise<{ usb_port: string; product?: string } | null> {
  for (let folder = hardware, level = 0; level < 4; folder = join(folder, ".."), level++) {
    if ((await textOf(join(folder, "idVendor"))) === null) continue;
    const product = await textOf(join(folder, "product"));
    return { usb_port: basename(folder), ...(product === null ? {} : { product }) };
  }
  return null;
}

/** By device node: its name under `serial/by-id`, else under `serial/by-path`. */
async function stablePaths(dev: string): Promise<Map<string, string>> {
  const paths = new Map<string, string>();
  for (const folder of ["by-path", "by-id"]) {
    const home = join(dev, "serial", folder);
    for (const name of await readdir(home).catch(() => [])) {
      const node = await realpath(join(home, name)).catch(() => null);
      if (node !== null) paths.set(node, join(home, name));
    }
  }
  return paths;
}

function usesOf(config: Config): { path: string; use: SerialUse }[] {
  switch (config.role) {
    case "recorder":
      return [
        ...(config.board === undefined ? [] : [{ path: config.board.device, use: "board" as const }]),
        ...(config.gnss === undefined ? [] : [{ path: config.gnss.device, use: "gnss" as const }]),
      ];
    case "dock":
      return [
        ...(config.badgeReader === undefined
          ? []
          : [{ path: config.badgeReader.device, use: "badge-reader" as const }]),
        ...config.dock.lampBoards.map((path) => ({ path, use: "lamp-board" as const })),
      ];
    case "receiver":
      return [];
  }
}

async function mayOpen(path: string): Promise<boolean> {
  return access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function textOf(path: string): Promise<string | null> {
  return readFile(path, "utf8").then(
    (text) => text.trim(),
    () => null,
  );
}

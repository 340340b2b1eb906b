import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { AgentError } from "../../../../../config/base/errors.ts";

/** Where the kernel tells of its devices; other roots are planted trees of tests. */
export interface KernelPaths {
  usbDevices: string;
  dev: string;
  mountTable: string;
  swaps: string;
}

export const KERNEL_PATHS: KernelPaths = {
  usbDevices: "/sys/bus/usb/devices",
  dev: "/dev",
  mountTable: "/proc/self/mountinfo",
  swaps: "/proc/swaps",
};

export interface BlockDevice {
  /** As the kernel calls it, such as `sda1`. */
  name: string;
  /** Its node. */
  path: string;
  /** `major:minor`. */
  device: string;
  bytes: number;
  /** The kernel's folder for it; another one after every insertion. */
  folder: string;
}

export interface UsbDisk extends BlockDevice {
  /** In the order of their numbers; empty where the whole disk is one file system. */
  partitions: BlockDevice[];
  isRemovable: boolean;
  /** A volume manager, a RAID or the like stands on it. */
  isHeld: boolean;
}

/** From the device over interface, host, target and unit down to `block` are six folders. */
const MAX_STEPS = 8;
const MAX_DISKS = 8;
const MAX_PARTITIONS = 16;
const SECTOR_BYTES = 512;
/** So much the kernel shows of an extended partition: the table in it, no file system. */
const MAX_EXTENDED_BYTES = 2 * SECTOR_BYTES;
/** Devices behind the device, were it a hub. */
const OTHER_DEVICE = /^\d+-\d+(\.\d+)*$/;
/** As /sys/bus/usb/devices names a device: its bus, and the ports on the way to it. */
export const USB_PORT = /^\d{1,3}-\d{1,3}(\.\d{1,3}){0,6}$/;

/**
 * The disks that a USB device shows, those without a medium left out; empty: it is no disk, or not yet.
 * Throws `card-missing` when there is no such device.
 */
export function usbDisks(port: string, paths: KernelPaths): UsbDisk[] {
  if (!USB_PORT.test(port)) throw new AgentError("card-missing", `${JSON.stringify(port)} is no USB port`);
  let device: string;
  try {
    device = realpathSync(join(paths.usbDevices, port));
  } catch (cause) {
    throw new AgentError("card-missing", `USB port ${port}: nothing is plugged in`, { cause });
  }
  const disks: UsbDisk[] = [];
  for (const folder of blockFolders(device, MAX_STEPS)) {
    for (const name of namesIn(folder)) {
      const disk = disks.length < MAX_DISKS ? diskAt(join(folder, name), name, paths) : null;
      if (disk !== null) disks.push(disk);
    }
  }
  return disks.sort((a, b) => byDevice(a, b));
}

function* blockFolders(folder: string, steps: number): Generator<string> {
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    // links lead out of the device: to its driver, its subsystem, its hub
    if (OTHER_DEVICE.test(name) || !lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) continue;
    if (name === "block") yield path;
    else if (steps > 0) yield* blockFolders(path, steps - 1);
  }
}

function diskAt(folder: string, name: string, paths: KernelPaths): UsbDisk | null {
  const own = blockDeviceAt(folder, name, paths);
  if (own === null || own.bytes === 0) return null;
  const partitions: BlockDevice[] = [];
  let isHeld = namesIn(join(folder, "holders")).length > 0;
  for (const part of namesIn(folder)) {
    const path = join(folder, part);
    if (partitions.length === MAX_PARTITIONS || text(join(path, "partition")) === null) continue;
    const partition = blockDeviceAt(path, part, paths);
    if (partition !== null && partition.bytes > MAX_EXTENDED_BYTES) partitions.push(partition);
    isHeld ||= namesIn(join(path, "holders")).length > 0;
  }
  const isRemovable = text(join(folder, "removable")) === "1";
  return { ...own, partitions: partitions.sort(byDevice), isRemovable, isHeld };
}

function blockDeviceAt(folder: string, name: string, paths: KernelPaths): BlockDevice | null {
  const device = text(join(folder, "dev"));
  const sectors = Number(text(join(folder, "size")) ?? 0);
  const node = /^DEVNAME=([A-Za-z0-9_-]{1,64})$/m.exec(text(join(folder, "uevent")) ?? "")?.[1];
  if (device === null || node === undefined || !Number.isSafeInteger(sectors)) return null;
  return { name, path: join(paths.dev, node), device, bytes: sectors * SECTOR_BYTES, folder };
}

function byDevice(a: BlockDevice, b: BlockDevice): number {
  const [majorA = 0, minorA = 0] = a.device.split(":").map(Number);
  const [majorB = 0, minorB = 0] = b.device.split(":").map(Number);
  return majorA - majorB || minorA - minorB;
}

/** True while the node is the block device that the kernel told of. */
export function isNodeOf({ path, device }: BlockDevice): boolean {
  const node = statSync(path, { throwIfNoEntry: false });
  return node?.isBlockDevice() === true && deviceNumber(node) === device;
}

/** `major:minor` of a device's node. */
export function deviceNumber({ rdev }: { rdev: number }): string {
  // how glibc packs a device number: makedev(3)
  const number = BigInt(rdev);
  const major = ((number >> 8n) & 0xfffn) | ((number >> 32n) & 0xfffff000n);
  const minor = (number & 0xffn) | ((number >> 12n) & 0xffffff00n);
  return `${major}:${minor}`;
}

/** Nodes that hold swap. */
export function swapNodes({ swaps }: Pick<KernelPaths, "swaps">): Set<string> {
  const lines = (text(swaps) ?? "").split("\n").slice(1);
  return new Set(lines.map((line) => line.split(/\s/)[0] ?? ""));
}

/** What the kernel has in a folder, sorted; a device that goes while it is looked at has nothing any more. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function text(path: string): string | null {
  try {
    return readFileSync(path, "latin1").trim();
  } catch {
    return null;
  }
}

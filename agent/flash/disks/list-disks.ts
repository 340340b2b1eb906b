import { basename, join } from "node:path";
import {
  type Mount,
  readMountTable,
} from "../../../drivers/recorders/mass-storage/mount/disk/mount-table.ts";
import { namesIn, swapNodes } from "../../../drivers/recorders/mass-storage/mount/disk/usb-disks.ts";
import { readText } from "../../doctor/system-files.ts";
import { type Bus, busOf } from "./bus.ts";
import { type DiskPaths, realPath } from "./disk-paths.ts";

/** What already uses a disk, or one of its partitions. */
export type DiskUse =
  /** The file system that this machine runs from. */
  | { use: "root"; device: string }
  | { use: "mounted"; device: string; at: string }
  | { use: "swap"; device: string }
  /** A volume manager, a RAID, an encryption or the like stands on it. */
  | { use: "held"; device: string; by: string };

export interface BlockDevice {
  /** As the kernel calls it, such as `sdb` or `sdb1`. */
  name: string;
  /** Its node. */
  path: string;
  /** `major:minor`. */
  number: string;
}

export interface Disk extends BlockDevice {
  /** 0: no medium is in it. */
  bytes: number;
  /** The smallest piece that it reads and writes. */
  sectorBytes: number;
  bus: Bus;
  model?: string;
  isRemovable: boolean;
  /** The lock of a card, or of the kernel. */
  isReadOnly: boolean;
  partitions: BlockDevice[];
  uses: DiskUse[];
}

/** /sys/block counts in these, whatever the disk's own sectors are. */
const SYSFS_SECTOR = 512;
/** Memory, floppies and optical drives: no image is ever written there. */
const NEVER = /^(ram|zram|fd|sr)\d/;
/** A volume on an encryption on a RAID is three. */
const MOST_LAYERS = 8;

/** The disks of this machine, in the order of their names; loop devices without a file are left out. */
export function listDisks(paths: DiskPaths): Disk[] {
  const found = { mounts: readMountTable(paths.mountTable), swaps: swapNodes(paths), paths };
  return namesIn(paths.block)
    .filter((name) => !NEVER.test(name))
    .flatMap((name) => diskAt(join(paths.block, name), found) ?? [])
    .filter(({ bytes, bus }) => bytes > 0 || bus !== "virtual");
}

interface Found {
  mounts: readonly Mount[];
  swaps: ReadonlySet<string>;
  paths: DiskPaths;
}

/** null: it went while it was looked at. */
function diskAt(link: string, found: Found): Disk | null {
  const folder = realPath(link);
  const own = folder === null ? null : blockDeviceAt(folder, found.paths);
  if (folder === null || own === null) return null;
  const parts = namesIn(folder)
    .filter((name) => readText(folder, name, "partition") !== "")
    .sort((a, b) => Number(readText(folder, a, "partition")) - Number(readText(folder, b, "partition")));
  const model = modelAt(folder);
  return {
    ...own,
    bytes: Number(readText(folder, "size")) * SYSFS_SECTOR,
    sectorBytes: Number(readText(folder, "queue/logical_block_size")) || SYSFS_SECTOR,
    bus: busOf(folder),
    ...(model === "" ? {} : { model }),
    isRemovable: readText(folder, "removable") === "1",
    isReadOnly: readText(folder, "ro") === "1",
    partitions: parts.flatMap((name) => blockDeviceAt(join(folder, name), found.paths) ?? []),
    uses: [folder, ...parts.map((name) => join(folder, name))].flatMap((part) => usesOf(part, found)),
  };
}

function blockDeviceAt(folder: string, { dev }: DiskPaths): BlockDevice | null {
  const number = readText(folder, "dev");
  const node = /^DEVNAME=([^\n]+)$/m.exec(readText(folder, "uevent"))?.[1];
  return number === "" || node === undefined
    ? null
    : { name: basename(folder), path: join(dev, node), number };
}

/** USB and SCSI disks tell maker and model, cards a name. */
function modelAt(folder: string): string {
  const told = [readText(folder, "device/vendor"), readText(folder, "device/model")];
  // virtio gives numbers for makers
  const words = told.filter((word) => word !== "" && !/^0x[0-9a-f]+$/.test(word));
  return words.length > 0 ? words.join(" ") : readText(folder, "device/name");
}

function usesOf(folder: string, found: Found): DiskUse[] {
  const own = blockDeviceAt(folder, found.paths);
  if (own === null) return [];
  const device = own.name;
  const uses = layersOn(folder).flatMap((layer): DiskUse[] => {
    const block = blockDeviceAt(layer, found.paths);
    if (block === null) return [];
    const mounts = found.mounts.filter((mount) => mount.device === block.number || isFrom(mount, block));
    return [
      ...mounts.map(({ target }): DiskUse => {
        return target === "/" ? { use: "root", device } : { use: "mounted", device, at: target };
      }),
      ...(found.swaps.has(block.path) ? [{ use: "swap", device } as const] : []),
    ];
  });
  const holders = namesIn(join(folder, "holders"));
  return [...uses, ...holders.map((by): DiskUse => ({ use: "held", device, by }))];
}

function isFrom({ source }: Mount, { path }: BlockDevice): boolean {
  return source.startsWith("/") && (source === path || realPath(source) === path);
}

/** A block device, and whatever stands on it. */
function layersOn(folder: string, most = MOST_LAYERS): string[] {
  if (most === 0) return [folder];
  const holders = namesIn(join(folder, "holders")).flatMap((name) => {
    const holder = realPath(join(folder, "holders", name));
    return holder === null ? [] : layersOn(holder, most - 1);
  });
  return [folder, ...holders];
}

import { constants, fstatSync, rmSync, type Stats, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import { deviceNumber } from "../../../drivers/recorders/mass-storage/mount/disk/usb-disks.ts";
import { type DiskPaths, realPath } from "../disks/disk-paths.ts";
import { type Disk, listDisks } from "../disks/list-disks.ts";
import { type Obstacle, standingOf, useText } from "../disks/standing.ts";
import { openDevice } from "./device-port.ts";
import { Medium } from "./medium.ts";

/** What a person wants of a target. */
export interface TargetWish {
  /** A disk, by any of its paths, or a file. */
  path: string;
  imageBytes: number;
  /** Larger targets need `insists`. */
  mostBytes: number;
  /** `--yes` */
  insists: boolean;
}

/** Direct input and output of a file wants this of all common disks. */
const FILE_ALIGNMENT = 4096;
const { O_RDWR, O_RDONLY, O_EXCL, O_CREAT } = constants;

/**
 * Opens what an image is to be written to, if it may be. A disk is opened so that the kernel refuses while anything
 * uses it (O_EXCL of open(2)), and lets nothing mount it until it is closed. A file that exists is taken for a disk
 * of its size. Throws `target-…`.
 */
export function openTarget(wish: TargetWish, paths: DiskPaths): Medium {
  const path = resolve(wish.path);
  const stats = statOf(path);
  if (stats === null) return newFile(path, paths);
  if (stats.isFile()) return oldFile(path, stats.size, wish);
  const disk = diskOf(path, stats, paths);
  const { may, obstacles } = standingOf(disk, wish);
  const [obstacle] = obstacles;
  if (obstacle !== undefined && (may === "no" || !wish.insists)) throw refusal(path, disk, obstacle, wish);
  return openDisk(path, disk, O_RDWR | O_EXCL);
}

/** Opens the same to be read only, whatever else uses it. Throws `target-…`. */
export function openToRead(target: string, paths: DiskPaths): Medium {
  const path = resolve(target);
  const stats = statOf(path);
  if (stats === null) throw new AgentError("target-missing", path);
  if (!stats.isFile()) return openDisk(path, diskOf(path, stats, paths), O_RDONLY);
  return fileMedium(path, stats.size, O_RDONLY);
}

function openDisk(path: string, disk: Disk, flags: number): Medium {
  const port = opened(path, () =>
    openDevice({ path, flags, bytes: disk.bytes, alignment: disk.sectorBytes, isFile: false }),
  );
  // another card may have come in between
  if (deviceNumber(fstatSync(port.fd)) !== disk.number) {
    void port.close();
    throw new AgentError("target-gone", path);
  }
  return new Medium(path, port);
}

function newFile(path: string, { dev }: DiskPaths): Medium {
  const folder = realPath(dirname(path));
  // a card that is not in: no file is made in its place
  if (folder === null || `${folder}/`.startsWith(`${realPath(dev)}/`))
    throw new AgentError("target-missing", path);
  const medium = fileMedium(path, Number.POSITIVE_INFINITY, O_RDWR | O_CREAT | O_EXCL);
  medium.whenGivenUp = () => rmSync(path, { force: true });
  return medium;
}

function oldFile(path: string, bytes: number, { imageBytes, insists }: TargetWish): Medium {
  if (bytes < imageBytes) throw tooSmall(path, bytes, imageBytes);
  if (!insists) throw new AgentError("target-exists", path);
  return fileMedium(path, bytes, O_RDWR);
}

function fileMedium(path: string, bytes: number, flags: number): Medium {
  const alignment = FILE_ALIGNMENT;
  return new Medium(
    path,
    opened(path, () => openDevice({ path, flags, bytes, alignment, isFile: true })),
  );
}

/** Throws `target-unfit`, `target-partition` or `target-missing` for what is no disk. */
function diskOf(path: string, stats: Stats, paths: DiskPaths): Disk {
  if (!stats.isBlockDevice()) throw new AgentError("target-unfit", path);
  const number = deviceNumber(stats);
  const disks = listDisks(paths);
  const disk = disks.find((one) => one.number === number);
  if (disk !== undefined) return disk;
  const whole = disks.find(({ partitions }) => partitions.some((part) => part.number === number));
  if (whole !== undefined) throw new AgentError("target-partition", `${path} is a part of ${whole.path}`);
  throw new AgentError("target-missing", `${path}: ${join(paths.block, number)}`);
}

function refusal(
  path: string,
  disk: Disk,
  obstacle: Obstacle,
  { imageBytes, mostBytes }: TargetWish,
): AgentError {
  const usesOf = (...kinds: string[]) =>
    disk.uses
      .filter(({ use }) => kinds.includes(use))
      .map(useText)
      .join(", ");
  switch (obstacle) {
    case "no-medium":
      return new AgentError("target-empty", path);
    case "root":
      return new AgentError("target-root", `${path}: ${usesOf("root")}`);
    case "mounted":
      return new AgentError("target-mounted", `${path}: ${usesOf("mounted")}`);
    case "swap":
      return new AgentError("target-swap", `${path}: ${usesOf("swap")}`);
    case "held":
      return new AgentError("target-held", `${path}: ${usesOf("held")}`);
    case "read-only":
      return new AgentError("target-read-only", path);
    case "too-small":
      return tooSmall(path, disk.bytes, imageBytes);
    case "internal":
      return new AgentError(
        "target-internal",
        `${path}: ${[disk.bus, disk.model].filter(Boolean).join(", ")}`,
      );
    case "too-large":
      return new AgentError("target-too-large", `${path}: ${disk.bytes} > ${mostBytes}`);
  }
}

function tooSmall(path: string, bytes: number, imageBytes: number): AgentError {
  return new AgentError("target-too-small", `${path}: ${bytes} < ${imageBytes}`);
}

function opened<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    switch (errorCode(cause)) {
      case "EBUSY":
        throw new AgentError("target-busy", path, { cause });
      case "EROFS":
        throw new AgentError("target-read-only", path, { cause });
      case "EACCES":
      case "EPERM":
        throw new AgentError("target-forbidden", path, { cause });
      case "ENXIO":
      case "ENODEV":
      case "ENOMEDIUM":
      case "ENOENT":
        throw new AgentError("target-gone", path, { cause });
    }
    throw cause;
  }
}

function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch (cause) {
    if (errorCode(cause) === "ENOENT" || errorCode(cause) === "ENOTDIR") return null;
    throw cause;
  }
}

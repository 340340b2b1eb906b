import type { Disk, DiskUse } from "./list-disks.ts";

/** Why a disk is not written to, the gravest first; the last two a person may overrule. */
export const OBSTACLES = [
  "no-medium",
  "root",
  "mounted",
  "swap",
  "held",
  "read-only",
  "too-small",
  "internal",
  "too-large",
] as const;
export type Obstacle = (typeof OBSTACLES)[number];

export interface Standing {
  /** `with-yes`: only if a person insists. */
  may: "yes" | "with-yes" | "no";
  obstacles: Obstacle[];
}

export interface WishedFor {
  /** Absent: of no image in particular. */
  imageBytes?: number;
  /** A larger disk is hardly a recorder's card. */
  mostBytes: number;
}

/** Whether an image may be written to a disk, by what the kernel tells of it. */
export function standingOf(disk: Disk, { imageBytes = 0, mostBytes }: WishedFor): Standing {
  const used = new Set<Obstacle>(disk.uses.map(({ use }) => use));
  const stands: Record<Obstacle, boolean> = {
    "no-medium": disk.bytes === 0,
    root: used.has("root"),
    mounted: used.has("mounted"),
    swap: used.has("swap"),
    held: used.has("held"),
    "read-only": disk.isReadOnly,
    "too-small": disk.bytes > 0 && disk.bytes < imageBytes,
    internal: !disk.isRemovable && disk.bus !== "usb" && disk.bus !== "sd",
    "too-large": disk.bytes > mostBytes,
  };
  const obstacles = OBSTACLES.filter((obstacle) => stands[obstacle]);
  const isFinal = obstacles.some((obstacle) => obstacle !== "internal" && obstacle !== "too-large");
  return { may: isFinal ? "no" : obstacles.length > 0 ? "with-yes" : "yes", obstacles };
}

/** A use as one line for errors: `sdb1 on /media/card`, `sdb2 is swap`. */
export function useText(use: DiskUse): string {
  switch (use.use) {
    case "root":
      return `${use.device} on /`;
    case "mounted":
      return `${use.device} on ${use.at}`;
    case "swap":
      return `${use.device} is swap`;
    case "held":
      return `${use.by} stands on ${use.device}`;
  }
}

import { realpathSync } from "node:fs";

/** Where the kernel tells of its disks; other roots are planted trees of tests. */
export interface DiskPaths {
  /** `/sys/block` */
  block: string;
  dev: string;
  mountTable: string;
  swaps: string;
}

export const SYSTEM_DISKS: DiskPaths = {
  block: "/sys/block",
  dev: "/dev",
  mountTable: "/proc/self/mountinfo",
  swaps: "/proc/swaps",
};

/** A path without links; null: nothing is there. */
export function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

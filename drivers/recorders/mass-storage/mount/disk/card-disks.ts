import type { Clock } from "../../../../../config/base/clock.ts";
import { AgentError } from "../../../../../config/base/errors.ts";
import { type Mount, readMountTable } from "./mount-table.ts";
import {
  type BlockDevice,
  isNodeOf,
  type KernelPaths,
  swapNodes,
  type UsbDisk,
  usbDisks,
} from "./usb-disks.ts";

const LOOK_EVERY_MS = 200;

export interface CardDiskRules {
  paths: KernelPaths;
  clock: Clock;
  /** How long a device may take from its insertion to its disk. */
  appearMs: number;
  /** Also disks that say they are built in: some recorders do. */
  allowBuiltIn: boolean;
  /** Whether a card may be mounted there. */
  isOurs: (mount: Mount) => boolean;
}

/**
 * Waits for the disks of a USB device, and looks at each before anything touches it: none that serves this
 * machine is ever a card. Throws `card-missing`, `card-not-removable`, `card-in-use`.
 */
export async function cardDisks(port: string, rules: CardDiskRules, signal: AbortSignal): Promise<UsbDisk[]> {
  const { clock, paths, appearMs } = rules;
  const endUs = clock.monoUs() + appearMs * 1000;
  let disks = usbDisks(port, paths);
  while (disks.length === 0) {
    if (clock.monoUs() >= endUs) {
      throw new AgentError(
        "card-missing",
        `USB port ${port}: no disk, or no card in it, for ${appearMs} ms`,
        {
          next: "look whether the recorder holds a card, and whether it was switched to disk mode",
        },
      );
    }
    await clock.sleep(LOOK_EVERY_MS, signal);
    disks = usbDisks(port, paths);
  }
  const mounts = readMountTable(paths.mountTable);
  for (const disk of disks) checkDisk(port, disk, mounts, rules);
  return disks;
}

function checkDisk(port: string, disk: UsbDisk, mounts: readonly Mount[], rules: CardDiskRules): void {
  const place = `USB port ${port}, ${disk.name}`;
  if (!disk.isRemovable && !rules.allowBuiltIn) {
    throw new AgentError("card-not-removable", place, {
      next: "if this make of recorder shows its card as a built-in disk, allow that in the dock's configuration",
    });
  }
  const parts = [disk, ...disk.partitions];
  const inUse = (how: string) =>
    new AgentError("card-in-use", `${place}: ${how}`, {
      next: "unmount it, and keep the system from mounting recorders by itself",
    });
  if (disk.isHeld) throw inUse("another device stands on it");
  const swaps = swapNodes(rules.paths);
  for (const part of parts) {
    if (!isNodeOf(part)) throw new AgentError("card-missing", `${place}: ${part.path} is not its node`);
    if (swaps.has(part.path)) throw inUse(`${part.name} is swap`);
    const mount = mounts.find((candidate) => candidate.device === part.device && !rules.isOurs(candidate));
    if (mount !== undefined) throw inUse(`${part.name} is mounted on ${mount.target}`);
  }
}

/** Where file systems may be: in the partitions, or in a disk without any. */
export function partitionsOf(disks: readonly UsbDisk[]): BlockDevice[] {
  return disks.flatMap((disk) => (disk.partitions.length > 0 ? disk.partitions : [disk]));
}

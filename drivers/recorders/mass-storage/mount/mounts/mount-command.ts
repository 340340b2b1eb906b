import type { FileSystem, Volume } from "../card.ts";
import type { Access } from "./card-mounts.ts";
import { runCommand } from "./run-command.ts";

/** What mount(8) and umount(8) are asked for cards, always with the same guards. */

/** Nothing on a card runs, is a device, raises rights or leads out of the card. */
const GUARDS = "nosuid,nodev,noexec,nosymfollow";
const MOUNT_TIMEOUT_MS = 30_000;
/** Unmounting writes what is left to write. */
const UNMOUNT_TIMEOUT_MS = 60_000;

export interface Owner {
  uid: number;
  gid: number;
}

export interface MountOrder {
  /** The block device. */
  source: string;
  fileSystem: FileSystem;
  /** An empty folder. */
  target: string;
  /** How far the recorder's clock is ahead of UTC. */
  utcOffsetMin: number;
  access: Access;
  /** Of everything on a card whose file system knows none. */
  owner: Owner;
}

/**
 * Mounts a card. `-i`: the kernel alone, no helper program of a file system.
 * Throws `card-mount-failed`.
 */
export async function mountCard(order: MountOrder): Promise<void> {
  const { source, fileSystem, target, access } = order;
  let failure: unknown;
  for (const own of optionsOf(order)) {
    const options = `${access},${GUARDS},${own}`;
    try {
      await runCommand("mount", ["-i", "-t", fileSystem, "-o", options, source, target], MOUNT_TIMEOUT_MS);
      return;
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

/** What a file system is told, the best first: a kernel may lack a code page. */
function optionsOf({ fileSystem, utcOffsetMin, access, owner: { uid, gid } }: MountOrder): string[] {
  const owner = `uid=${uid},gid=${gid},umask=0077`;
  switch (fileSystem) {
    case "vfat": {
      // tz=UTC: what the card shows, whatever the zone of this machine; `Volume.times` is then "local".
      // Code page 936: short names of Chinese recorders, where no long one stands beside them
      const fat = `${owner},tz=UTC,shortname=mixed,utf8=1,errors=remount-ro`;
      return [`${fat},codepage=936`, fat];
    }
    case "exfat":
      // an exFAT time may state its own zone; the offset is for those that do not
      return [`${owner},iocharset=utf8,errors=remount-ro,time_offset=${utcOffsetMin}`];
    case "ext4":
      // errors: the superblock itself may ask the kernel to panic. noload: reading replays no journal
      return [access === "rw" ? "errors=remount-ro" : "noload,errors=remount-ro"];
  }
}

export function timesOf(fileSystem: FileSystem): Volume["times"] {
  return fileSystem === "vfat" ? "local" : "utc";
}

/** Changes what is mounted between read-only and writable. */
export function remountCard(target: string, access: Access): Promise<void> {
  return runCommand("mount", ["-i", "-o", `remount,${access},${GUARDS}`, target], MOUNT_TIMEOUT_MS);
}

/** Throws `card-mount-failed` while a file on it is open. */
export function unmountCard(target: string): Promise<void> {
  return runCommand("umount", ["-i", target], UNMOUNT_TIMEOUT_MS);
}

/** A card that is in use leaves the folder at once, and ends with its last open file. */
export function unmountLazily(target: string): Promise<void> {
  return runCommand("umount", ["-i", "-l", target], UNMOUNT_TIMEOUT_MS);
}

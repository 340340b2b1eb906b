/**
 * A recorder that is a disk: how its card comes to be a folder here, and goes again.
 *
 * | code | meaning |
 * |---|---|
 * | `card-missing` | the device shows no disk, no medium in it, or nobody mounted it |
 * | `card-in-use` | the disk serves this machine, or something else mounted it |
 * | `card-not-removable` | the disk says that it is built in |
 * | `card-filesystem` | none of its file systems is vfat, exFAT or ext |
 * | `card-mount-options` | the system mounted it so that it can be written to, or run from |
 * | `card-mount-failed` | mount(8) says no, or never answers |
 * | `card-still-writable` | it could not be made read-only again after a wipe |
 */
export interface CardMounter {
  /** Makes the disk of a USB device a folder, or finds the folder that it is. */
  mount(device: CardDevice, signal: AbortSignal): Promise<MountedCard>;
}

/** What is plugged in, as its descriptors claim it; the fields of a `UsbDevice`. */
export interface CardDevice {
  /** As in /sys/bus/usb/devices. */
  port: string;
  manufacturer?: string;
  product?: string;
  serial?: string;
}

export const FILE_SYSTEMS = ["vfat", "exfat", "ext4"] as const;
/** ext2 and ext3 are mounted as ext4. */
export type FileSystem = (typeof FILE_SYSTEMS)[number];

export interface Volume {
  /** Absolute path of its root folder. */
  readonly root: string;
  readonly fileSystem: FileSystem | "folder";
  /** What its superblock calls itself; absent: it does not, or nobody looked. */
  readonly volumeId?: string;
  /** What `stat` tells of times: UTC, or what the recorder's clock showed as if that were UTC. */
  readonly times: "utc" | "local";
}

export interface MountedCard {
  /** In the order of the disks and their partitions: at least one. */
  readonly volumes: readonly Volume[];
  /** Partitions that nobody here can read, by name: what is on them stays there. */
  readonly unreadable: readonly string[];
  /** False once the disk was unplugged, or the card closed. */
  isThere(): boolean;
  /** Of a simulated card: told how many bytes are about to be read, says how many of them come. */
  grant?(bytes: number): number;
  /**
   * Runs `work` while the card can be written to; read-only again when it is done or has failed. What runs at
   * the same time, or inside, shares the one stretch of writing. Throws `card-mount-failed` when it cannot be
   * written to, `card-still-writable` when it stays so.
   */
  withWriting<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Unmounts what was mounted for this card; never throws. */
  close(): Promise<void>;
}

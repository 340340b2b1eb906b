import { existsSync } from "node:fs";
import type { Clock } from "../../../../config/base/clock.ts";
import type { Counters } from "../../../../config/base/counters.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import {
  type CardDevice,
  type CardMounter,
  FILE_SYSTEMS,
  type FileSystem,
  type MountedCard,
  type Volume,
} from "./card.ts";
import { cardDisks, partitionsOf } from "./disk/card-disks.ts";
import { type Mount, readMountTable } from "./disk/mount-table.ts";
import { type BlockDevice, KERNEL_PATHS, type KernelPaths } from "./disk/usb-disks.ts";
import { remountCard } from "./mounts/mount-command.ts";
import { WritingStretch } from "./writing-stretch.ts";

export interface OsMounterOptions {
  clock: Clock;
  counters: Counters;
  /** Where the system mounts what is plugged in; a disk mounted elsewhere is no card. */
  below?: readonly string[];
  /** Make a mount read-only, nosuid, nodev and noexec that is not; else it is refused. */
  mayRemount?: boolean;
  /** From the insertion to the disk, and from the disk to its being mounted. */
  appearMs?: number;
  allowBuiltIn?: boolean;
  paths?: KernelPaths;
}

const MEDIA_FOLDERS = ["/media", "/run/media", "/mnt"];
const APPEAR_MS = 20_000;
const LOOK_EVERY_MS = 200;
const WANTED = ["ro", "nosuid", "nodev", "noexec"];

/** Finds cards where the system mounted them, and leaves them there. */
export class OsMounter implements CardMounter {
  readonly #options: OsMounterOptions;
  readonly #paths: KernelPaths;

  constructor(options: OsMounterOptions) {
    this.#options = options;
    this.#paths = options.paths ?? KERNEL_PATHS;
  }

  async mount({ port }: CardDevice, signal: AbortSignal): Promise<MountedCard> {
    const { clock, appearMs = APPEAR_MS, allowBuiltIn = false, below = MEDIA_FOLDERS } = this.#options;
    const isOurs = ({ target }: Mount) => below.some((folder) => target.startsWith(`${folder}/`));
    const rules = { paths: this.#paths, clock, appearMs, allowBuiltIn, isOurs };
    const disks = await cardDisks(port, rules, signal);
    const parts = partitionsOf(disks);
    const endUs = clock.monoUs() + appearMs * 1000;
    let found = this.#mountsOf(parts);
    // the system mounts one partition after the other: whoever asks early would miss some
    while (found.length < parts.length && clock.monoUs() < endUs) {
      await clock.sleep(LOOK_EVERY_MS, signal);
      found = this.#mountsOf(parts);
    }
    if (found.length === 0) {
      throw new AgentError(
        "card-missing",
        `USB port ${port}: nobody mounted ${parts.map(({ name }) => name)}`,
        {
          next: "have the system mount it with ro,nosuid,nodev,noexec, or let the agent mount cards itself",
        },
      );
    }
    for (const { mount } of found) await this.#checkOptions(mount);
    const volumes = found.map(({ mount }) => volumeOf(mount));
    const unreadable = parts
      .filter((part) => !found.some((one) => one.part === part))
      .map(({ name }) => name);
    return this.#card(
      volumes,
      unreadable,
      disks.map(({ folder }) => folder),
    );
  }

  #mountsOf(parts: readonly BlockDevice[]): { part: BlockDevice; mount: Mount }[] {
    const mounts = readMountTable(this.#paths.mountTable);
    return parts.flatMap((part) => {
      // a part of a file system that is mounted elsewhere is not the card
      const mount = mounts.find(({ device, root }) => device === part.device && root === "/");
      return mount === undefined ? [] : [{ part, mount }];
    });
  }

  async #checkOptions({ target, options }: Mount): Promise<void> {
    const lacks = (have: ReadonlySet<string>) => WANTED.filter((option) => !have.has(option));
    if (lacks(options).length === 0) return;
    if (this.#options.mayRemount === true) {
      await remountCard(target, "ro");
      const now = readMountTable(this.#paths.mountTable).find((mount) => mount.target === target);
      if (now !== undefined && lacks(now.options).length === 0) return;
    }
    throw new AgentError("card-mount-options", `${target} is mounted without ${lacks(options).join(",")}`, {
      next: "add these options where the system mounts recorders, or let the agent mount cards itself",
    });
  }

  #card(volumes: Volume[], unreadable: string[], folders: string[]): MountedCard {
    const { counters } = this.#options;
    const makeReadOnly = async () => {
      for (const { root } of volumes) {
        await remountCard(root, "ro").catch((cause: unknown) => {
          counters.add("card-still-writable");
          throw new AgentError("card-still-writable", root, { cause, next: "unmount it by hand" });
        });
      }
    };
    const makeWritable = async () => {
      try {
        for (const { root } of volumes) await remountCard(root, "rw");
      } catch (error) {
        await makeReadOnly();
        throw error;
      }
    };
    const writing = new WritingStretch(makeWritable, makeReadOnly);
    return {
      volumes,
      unreadable,
      isThere: () => folders.every((folder) => existsSync(folder)),
      withWriting: (work) => writing.run(work),
      close: async () => {},
    };
  }
}

function volumeOf({ target, fileSystem, superOptions }: Mount): Volume {
  const known = fileSystem === "ext3" || fileSystem === "ext2" ? "ext4" : fileSystem;
  if (!FILE_SYSTEMS.includes(known as FileSystem)) {
    throw new AgentError("card-filesystem", `${target}: ${fileSystem}, neither vfat nor exFAT nor ext`);
  }
  const isShifted = [...superOptions].some((option) => option.startsWith("time_offset="));
  const times = known === "vfat" && !isShifted ? "local" : "utc";
  return { root: target, fileSystem: known as FileSystem, times };
}

import { existsSync } from "node:fs";
import type { Clock } from "../../../../config/base/clock.ts";
import type { Counters } from "../../../../config/base/counters.ts";
import { AgentError, errorCode } from "../../../../config/base/errors.ts";
import type { CardDevice, CardMounter, FileSystem, MountedCard, Volume } from "./card.ts";
import { cardDisks, partitionsOf } from "./disk/card-disks.ts";
import { type Mount, readMountTable } from "./disk/mount-table.ts";
import { readSuperblock } from "./disk/superblock.ts";
import { type BlockDevice, KERNEL_PATHS, type KernelPaths } from "./disk/usb-disks.ts";
import { type Access, type CardMounts, type CardPlace, placeOf, targetOf } from "./mounts/card-mounts.ts";
import { timesOf } from "./mounts/mount-command.ts";
import { WritingStretch } from "./writing-stretch.ts";

export interface AgentMounterOptions {
  mounts: CardMounts;
  /** How far the recorders' clocks are ahead of UTC. */
  utcOffsetMin: number;
  clock: Clock;
  counters: Counters;
  /** From the insertion to the disk. */
  appearMs?: number;
  allowBuiltIn?: boolean;
  paths?: KernelPaths;
}

/** A volume and from where it is mounted. */
interface OwnVolume extends Volume {
  fileSystem: FileSystem;
  place: CardPlace;
  part: BlockDevice;
}

const APPEAR_MS = 10_000;

/** Mounts cards for itself alone, after `start`. */
export class AgentMounter implements CardMounter {
  readonly #options: AgentMounterOptions;
  readonly #paths: KernelPaths;
  #directory = "";

  constructor(options: AgentMounterOptions) {
    this.#options = options;
    this.#paths = options.paths ?? KERNEL_PATHS;
  }

  /** Unmounts what an earlier run left behind. */
  async start(): Promise<void> {
    const { mounts } = this.#options;
    this.#directory = await mounts.begin();
    await this.#unmountAll(() => true);
  }

  async mount({ port }: CardDevice, signal: AbortSignal): Promise<MountedCard> {
    const { clock, appearMs = APPEAR_MS, allowBuiltIn = false, counters } = this.#options;
    const isOurs = ({ target }: Mount) => placeOf(this.#directory, target)?.port === port;
    const rules = { paths: this.#paths, clock, appearMs, allowBuiltIn, isOurs };
    const disks = await cardDisks(port, rules, signal);
    await this.#unmountAll((place) => place.port === port);
    const volumes: OwnVolume[] = [];
    const unreadable: string[] = [];
    let failure: unknown = null;
    for (const part of partitionsOf(disks)) {
      try {
        signal.throwIfAborted();
        volumes.push(await this.#mountVolume(part, { port, n: volumes.length }));
      } catch (error) {
        failure ??= error;
        counters.add(errorCode(error));
        unreadable.push(part.name);
        if (signal.aborted) break;
      }
    }
    const card = new AgentCard(
      volumes,
      unreadable,
      disks.map(({ folder }) => folder),
      this.#options,
    );
    if (volumes.length > 0 && !signal.aborted) return card;
    await card.close();
    signal.throwIfAborted();
    throw failure;
  }

  async #mountVolume(part: BlockDevice, place: CardPlace): Promise<OwnVolume> {
    const superblock = await readSuperblock(part.path).catch((cause: unknown) => {
      throw new AgentError("card-mount-failed", `${part.path} cannot be read`, { cause });
    });
    if (superblock === null) {
      throw new AgentError("card-filesystem", `${part.path}: neither vfat nor exFAT nor ext`, {
        next: "format the card in the recorder, after its evidence was saved by other means",
      });
    }
    const { fileSystem, volumeId } = superblock;
    const { mounts, utcOffsetMin } = this.#options;
    await mounts.mount({ place, part, fileSystem, utcOffsetMin, access: "ro" });
    const root = targetOf(this.#directory, place);
    return { root, place, part, fileSystem, volumeId, times: timesOf(fileSystem) };
  }

  async #unmountAll(isWanted: (place: CardPlace) => boolean): Promise<void> {
    const { mounts, counters } = this.#options;
    const places = readMountTable(this.#paths.mountTable).map(({ target }) =>
      placeOf(this.#directory, target),
    );
    for (const place of places) {
      if (place !== null && isWanted(place)) await unmountAnyhow(mounts, place, counters);
    }
  }
}

class AgentCard implements MountedCard {
  readonly volumes: readonly OwnVolume[];
  readonly unreadable: readonly string[];
  readonly #folders: readonly string[];
  readonly #options: AgentMounterOptions;
  readonly #writing: WritingStretch;
  /** Volumes that are not as they were mounted at first. */
  readonly #touched = new Set<OwnVolume>();
  #isClosed = false;

  constructor(
    volumes: readonly OwnVolume[],
    unreadable: readonly string[],
    folders: readonly string[],
    options: AgentMounterOptions,
  ) {
    this.volumes = volumes;
    this.unreadable = unreadable;
    this.#folders = folders;
    this.#options = options;
    this.#writing = new WritingStretch(
      () => this.#openWriting(),
      () => this.#endWriting(),
    );
  }

  isThere(): boolean {
    return !this.#isClosed && this.#folders.every((folder) => existsSync(folder));
  }

  withWriting<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#writing.run(work);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { mounts, counters } = this.#options;
    for (const { place } of this.volumes) await unmountAnyhow(mounts, place, counters);
  }

  async #openWriting(): Promise<void> {
    if (this.#isClosed) throw new AgentError("card-mount-failed", "the card was unmounted");
    try {
      for (const volume of this.volumes) await this.#makeWritable(volume);
    } catch (error) {
      await this.#endWriting();
      throw error;
    }
  }

  async #endWriting(): Promise<void> {
    let failure: unknown = null;
    for (const volume of this.#touched) {
      if (this.#isClosed) break;
      await this.#makeReadOnly(volume).catch((error: unknown) => {
        failure ??= error;
      });
    }
    this.#touched.clear();
    if (failure === null) return;
    // rather no card than one that can be written to
    this.#options.counters.add("card-still-writable");
    await this.close();
    throw new AgentError("card-still-writable", this.volumes.map(({ root }) => root).join(", "), {
      cause: failure,
      next: "it was unmounted instead; take the recorder out and dock it again",
    });
  }

  /**
   * Mounted anew: a sandboxed service has its own copy of a mount, which stays read-only whatever the mount itself
   * becomes; and the journal of ext4 must be replayed before anything is written. While a file is open the card
   * cannot be unmounted, and stays as it is.
   */
  async #makeWritable(volume: OwnVolume): Promise<void> {
    await this.#options.mounts.unmount(volume.place, "whole");
    this.#touched.add(volume);
    await this.#mountAgain(volume, "rw");
  }

  async #makeReadOnly(volume: OwnVolume): Promise<void> {
    const isMounted = this.#mountTable().some(({ target }) => target === volume.root);
    if (isMounted) await this.#options.mounts.unmount(volume.place, "whole");
    await this.#mountAgain(volume, "ro");
  }

  #mountAgain({ place, part, fileSystem }: OwnVolume, access: Access): Promise<void> {
    const { mounts, utcOffsetMin } = this.#options;
    return mounts.mount({ place, part, fileSystem, utcOffsetMin, access });
  }

  #mountTable(): Mount[] {
    return readMountTable((this.#options.paths ?? KERNEL_PATHS).mountTable);
  }
}

/**
 * Unmounts, whatever it takes: a card that is in use is counted as `card-unmounted-lazily`. Never throws; what
 * stays mounted is counted as `card-left-mounted`.
 */
async function unmountAnyhow(mounts: CardMounts, place: CardPlace, counters: Counters): Promise<void> {
  try {
    await mounts.unmount(place, "whole");
  } catch {
    await mounts.unmount(place, "lazily").then(
      () => counters.add("card-unmounted-lazily"),
      () => counters.add("card-left-mounted"),
    );
  }
}

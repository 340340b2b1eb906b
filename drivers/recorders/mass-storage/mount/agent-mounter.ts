import { chmodSync, existsSync, mkdirSync, readdirSync, realpathSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../../../../config/base/clock.ts";
import type { Counters } from "../../../../config/base/counters.ts";
import { AgentError, errorCode } from "../../../../config/base/errors.ts";
import type { CardDevice, CardMounter, FileSystem, MountedCard, Volume } from "./card.ts";
import { cardDisks, partitionsOf } from "./disk/card-disks.ts";
import { type Mount, readMountTable } from "./disk/mount-table.ts";
import { readSuperblock } from "./disk/superblock.ts";
import { KERNEL_PATHS, type KernelPaths } from "./disk/usb-disks.ts";
import { mountCard, remountCard, timesOf, unmountAnyhow, unmountCard } from "./mount-command.ts";
import { WritingStretch } from "./writing-stretch.ts";

export interface AgentMounterOptions {
  /** A folder of the agent's own, below which cards are mounted, such as /run/fulltrace/cards. */
  directory: string;
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
  source: string;
}

const APPEAR_MS = 10_000;

/** Mounts cards itself, after `start`: needs the right to mount (root, or CAP_SYS_ADMIN). */
export class AgentMounter implements CardMounter {
  readonly #options: AgentMounterOptions;
  readonly #paths: KernelPaths;
  #directory: string;

  constructor(options: AgentMounterOptions) {
    this.#options = options;
    this.#directory = options.directory;
    this.#paths = options.paths ?? KERNEL_PATHS;
  }

  /** Makes the folder, for nobody else to enter, and unmounts what an earlier run left behind. */
  async start(): Promise<void> {
    const { directory, counters } = this.#options;
    mkdirSync(directory, { recursive: true });
    chmodSync(directory, 0o700);
    // the mount table has no links in its paths
    this.#directory = realpathSync(directory);
    for (const target of this.#mounted((mount) => dirname(mount) === this.#directory)) {
      await unmountAnyhow(target, counters);
    }
    for (const name of readdirSync(this.#directory)) removeFolder(join(this.#directory, name));
  }

  async mount({ port }: CardDevice, signal: AbortSignal): Promise<MountedCard> {
    const { clock, appearMs = APPEAR_MS, allowBuiltIn = false, counters } = this.#options;
    const isOurs = ({ target }: { target: string }) => this.#isTargetOf(port, target);
    const rules = { paths: this.#paths, clock, appearMs, allowBuiltIn, isOurs };
    const disks = await cardDisks(port, rules, signal);
    for (const target of this.#mounted((mount) => this.#isTargetOf(port, mount))) {
      await unmountAnyhow(target, counters);
    }
    const volumes: OwnVolume[] = [];
    const unreadable: string[] = [];
    let failure: unknown = null;
    for (const { path, name } of partitionsOf(disks)) {
      try {
        signal.throwIfAborted();
        volumes.push(await this.#mountVolume(path, this.#targetOf(port, volumes.length)));
      } catch (error) {
        failure ??= error;
        counters.add(errorCode(error));
        unreadable.push(name);
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

  async #mountVolume(source: string, root: string): Promise<OwnVolume> {
    const superblock = await readSuperblock(source).catch((cause: unknown) => {
      throw new AgentError("card-mount-failed", `${source} cannot be read`, { cause });
    });
    if (superblock === null) {
      throw new AgentError("card-filesystem", `${source}: neither vfat nor exFAT nor ext`, {
        next: "format the card in the recorder, after its evidence was saved by other means",
      });
    }
    const { fileSystem, volumeId } = superblock;
    mkdirSync(root, { recursive: true, mode: 0o700 });
    const { utcOffsetMin } = this.#options;
    try {
      await mountCard({ source, fileSystem, target: root, utcOffsetMin, isWritable: false });
    } catch (error) {
      removeFolder(root);
      throw error;
    }
    return { root, source, fileSystem, volumeId, times: timesOf(fileSystem) };
  }

  #targetOf(port: string, index: number): string {
    return join(this.#directory, `${port}-${index}`);
  }

  #isTargetOf(port: string, target: string): boolean {
    const prefix = this.#targetOf(port, 0).slice(0, -1);
    return target.startsWith(prefix) && /^\d+$/.test(target.slice(prefix.length));
  }

  #mounted(isWanted: (target: string) => boolean): string[] {
    return readMountTable(this.#paths.mountTable)
      .map(({ target }) => target)
      .filter(isWanted);
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
    for (const { root } of this.volumes) {
      await unmountAnyhow(root, this.#options.counters);
      removeFolder(root);
    }
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

  async #makeWritable(volume: OwnVolume): Promise<void> {
    switch (volume.fileSystem) {
      case "vfat":
      case "exfat":
        this.#touched.add(volume);
        return remountCard(volume.root, "rw");
      case "ext4":
        // the journal was not replayed when it was mounted, and must be before anything is written: mounted anew.
        // While a file is open it cannot be unmounted, and stays as it is
        await unmountCard(volume.root);
        this.#touched.add(volume);
        return this.#mountAgain(volume, true);
    }
  }

  async #makeReadOnly(volume: OwnVolume): Promise<void> {
    switch (volume.fileSystem) {
      case "vfat":
      case "exfat":
        return remountCard(volume.root, "ro");
      case "ext4": {
        const isMounted = this.#mountTable().some(({ target }) => target === volume.root);
        if (isMounted) await unmountCard(volume.root);
        return this.#mountAgain(volume, false);
      }
    }
  }

  #mountAgain({ source, fileSystem, root }: OwnVolume, isWritable: boolean): Promise<void> {
    const { utcOffsetMin } = this.#options;
    return mountCard({ source, fileSystem, target: root, utcOffsetMin, isWritable });
  }

  #mountTable(): Mount[] {
    return readMountTable((this.#options.paths ?? KERNEL_PATHS).mountTable);
  }
}

/** An empty folder goes; one that is still a card's stays. */
function removeFolder(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // it is looked at again at the next start
  }
}

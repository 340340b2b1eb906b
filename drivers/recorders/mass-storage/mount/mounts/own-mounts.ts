import { chmodSync, mkdirSync, readdirSync, realpathSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { type CardMounts, type CardPlace, type MountWish, targetOf } from "./card-mounts.ts";
import { mountCard, type Owner, unmountCard, unmountLazily } from "./mount-command.ts";

/** Mounts with the rights of this program: root's, or CAP_SYS_ADMIN. */
export class OwnMounts implements CardMounts {
  #directory: string;
  readonly #owner: Owner;

  /** `directory`: of this program's own, such as /run/fulltrace/cards. `owner`: whose the files of cards become. */
  constructor(directory: string, owner: Owner) {
    this.#directory = directory;
    this.#owner = owner;
  }

  async begin(): Promise<string> {
    mkdirSync(this.#directory, { recursive: true });
    // for nobody else to enter
    chmodSync(this.#directory, 0o700);
    this.#directory = realpathSync(this.#directory);
    for (const name of readdirSync(this.#directory)) removeFolder(join(this.#directory, name));
    return this.#directory;
  }

  async mount({ place, part, fileSystem, utcOffsetMin, access }: MountWish): Promise<void> {
    const target = targetOf(this.#directory, place);
    mkdirSync(target, { recursive: true, mode: 0o700 });
    try {
      await mountCard({ source: part.path, fileSystem, target, utcOffsetMin, access, owner: this.#owner });
    } catch (error) {
      removeFolder(target);
      throw error;
    }
  }

  async unmount(place: CardPlace, how: "whole" | "lazily"): Promise<void> {
    const target = targetOf(this.#directory, place);
    await (how === "whole" ? unmountCard : unmountLazily)(target);
    removeFolder(target);
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

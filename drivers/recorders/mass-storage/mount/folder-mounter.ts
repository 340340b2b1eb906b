import { realpathSync, statSync } from "node:fs";
import { AgentError } from "../../../../config/base/errors.ts";
import type { CardMounter, MountedCard, Volume } from "./card.ts";
import { WritingStretch } from "./writing-stretch.ts";

/** A folder as a card: for the simulator, and for cards that something else has made a folder. */
export class FolderMounter implements CardMounter {
  readonly #folder: string;
  readonly #times: Volume["times"];

  /** `times` "local": the files' times are meant as a FAT card has them. */
  constructor(folder: string, times: Volume["times"] = "utc") {
    this.#folder = folder;
    this.#times = times;
  }

  async mount(): Promise<MountedCard> {
    const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
    if (!isFolder(this.#folder)) {
      throw new AgentError("card-missing", this.#folder, { next: "name a folder that is there" });
    }
    const root = realpathSync(this.#folder);
    const nothing = async () => {};
    const writing = new WritingStretch(nothing, nothing);
    return {
      volumes: [{ root, fileSystem: "folder", times: this.#times }],
      unreadable: [],
      isThere: () => isFolder(root),
      withWriting: (work) => writing.run(work),
      close: nothing,
    };
  }
}

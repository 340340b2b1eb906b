import { realpathSync, statSync } from "node:fs";
import { AgentError } from "../../../../config/base/errors.ts";
import type { CardMounter, MountedCard, Volume } from "./card.ts";
import { WritingStretch } from "./writing-stretch.ts";

/** What holds a simulated card in its bay: pulled out at once, or when so many bytes have been read. */
export class SimulatedCable {
  #isPlugged = true;
  #leftBytes = Number.POSITIVE_INFINITY;

  get isPlugged(): boolean {
    return this.#isPlugged;
  }

  plug(): void {
    this.#isPlugged = true;
    this.#leftBytes = Number.POSITIVE_INFINITY;
  }

  unplug(): void {
    this.#isPlugged = false;
  }

  /** Pulls it out when `bytes` more have been read. */
  unplugAfter(bytes: number): void {
    this.#leftBytes = bytes;
  }

  /** How many of `bytes` come through. */
  grant(bytes: number): number {
    if (!this.#isPlugged) return 0;
    const granted = Math.min(bytes, this.#leftBytes);
    this.#leftBytes -= granted;
    if (granted < bytes) this.unplug();
    return granted;
  }
}

/** A folder as a card: for the simulator, and for cards that something else has made a folder. */
export class FolderMounter implements CardMounter {
  readonly #folder: string;
  readonly #times: Volume["times"];
  readonly #cable: SimulatedCable;

  /** `times` "local": the files' times are meant as a FAT card has them. */
  constructor(folder: string, times: Volume["times"] = "utc", cable: SimulatedCable = new SimulatedCable()) {
    this.#folder = folder;
    this.#times = times;
    this.#cable = cable;
  }

  async mount(): Promise<MountedCard> {
    const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
    if (!this.#cable.isPlugged || !isFolder(this.#folder)) {
      throw new AgentError("card-missing", this.#folder, { next: "name a folder that is there" });
    }
    const root = realpathSync(this.#folder);
    const nothing = async () => {};
    const writing = new WritingStretch(nothing, nothing);
    let isClosed = false;
    // plugged in again, it is another mount
    let wasPulled = false;
    const isThere = () => {
      wasPulled ||= !this.#cable.isPlugged;
      return !isClosed && !wasPulled && isFolder(root);
    };
    return {
      volumes: [{ root, fileSystem: "folder", times: this.#times }],
      unreadable: [],
      isThere,
      grant: (bytes) => (isThere() ? this.#cable.grant(bytes) : 0),
      withWriting: (work) => writing.run(work),
      close: async () => {
        isClosed = true;
      },
    };
  }
}

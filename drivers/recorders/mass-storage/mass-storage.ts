import { AgentError } from "../../../config/base/errors.ts";
import { BareRecorder } from "../bare-recorder.ts";
import type {
  ByteSource,
  Capability,
  Listed,
  RecorderDriver,
  RecorderFile,
  RecorderIdentity,
} from "../recorder-driver.ts";
import { CardFiles } from "./card-file.ts";
import { placeOf } from "./card-path.ts";
import { walkCard } from "./card-walk.ts";
import type { CardDevice, CardMounter, MountedCard } from "./mount/card.ts";

export interface MassStorageOptions {
  mounter: CardMounter;
  /** What is plugged in. */
  device: CardDevice;
  /** Whether files may be deleted: without it a card is never made writable. */
  mayRemove: boolean;
  /** How far the recorder's clock is ahead of UTC; China's is the default. */
  utcOffsetMin?: number;
}

/** What a disk can do beside what every recorder can. */
export interface MassStorageDriver extends RecorderDriver {
  /** The card as it is mounted. */
  readonly card: MountedCard;
  withWriting<Result>(work: () => Promise<Result>): Promise<Result>;
}

export const CHINA_UTC_OFFSET_MIN = 480;
const MAX_NAME_LETTERS = 64;

/**
 * A recorder that shows its card as a disk. Resolves when the card is mounted; `close` unmounts it.
 * Throws what `CardMounter.mount` throws.
 */
export async function openMassStorage(
  options: MassStorageOptions,
  signal: AbortSignal,
): Promise<MassStorageDriver> {
  return new MassStorage(options, await options.mounter.mount(options.device, signal));
}

class MassStorage extends BareRecorder implements MassStorageDriver {
  readonly name = "mass-storage";
  readonly capabilities: ReadonlySet<Capability>;
  readonly card: MountedCard;
  readonly #device: CardDevice;
  readonly #mayRemove: boolean;
  readonly #utcOffsetMin: number;
  readonly #files: CardFiles;

  constructor(options: MassStorageOptions, card: MountedCard) {
    super();
    const { device, mayRemove, utcOffsetMin = CHINA_UTC_OFFSET_MIN } = options;
    this.capabilities = new Set<Capability>(mayRemove ? ["files", "remove"] : ["files"]);
    this.card = card;
    this.#device = device;
    this.#mayRemove = mayRemove;
    this.#utcOffsetMin = utcOffsetMin;
    this.#files = new CardFiles(card, utcOffsetMin);
  }

  /**
   * The serial of the USB device; without one, what the card's file systems call themselves, which is another after
   * the card was formatted.
   */
  async identify(signal: AbortSignal): Promise<RecorderIdentity> {
    signal.throwIfAborted();
    if (!this.card.isThere()) throw new AgentError("recorder-gone", this.#device.port);
    const { manufacturer = "", product = "", serial = "" } = this.#device;
    const volumeIds = this.card.volumes.map(({ volumeId }) => volumeId ?? "").filter((id) => id !== "");
    const told = nameOf(serial) || nameOf(volumeIds.length === 0 ? "" : `volume-${volumeIds.join("-")}`);
    if (told === "") {
      throw new AgentError(
        "recorder-answer",
        `USB port ${this.#device.port}: neither a serial nor a volume id`,
        {
          next: "give the card a volume id: format it in the recorder, after its evidence was saved by other means",
        },
      );
    }
    return {
      serial: told,
      model: nameOf(`${manufacturer} ${product}`) || "USB disk",
    };
  }

  override list(signal: AbortSignal): AsyncIterable<Listed> {
    return walkCard({ card: this.card, utcOffsetMin: this.#utcOffsetMin }, signal);
  }

  override sourceOf(file: RecorderFile): ByteSource {
    const { path } = placeOf(file, this.card);
    const text = path.toString();
    // where the name is no UTF-8, a path in text would name another file
    if (!Buffer.from(text).equals(path))
      return { kind: "path", path: path.toString("latin1"), isLatin1: true };
    return { kind: "path", path: text };
  }

  override read(
    file: RecorderFile,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    return this.#files.read(file, offset, length, signal);
  }

  override async remove(file: RecorderFile, signal: AbortSignal): Promise<void> {
    if (!this.#mayRemove) return this.lacks("remove");
    signal.throwIfAborted();
    await this.#files.remove(file);
  }

  /** The card is writable for all that `work` removes: mounted anew twice, and not twice a file. */
  async withWriting<Result>(work: () => Promise<Result>): Promise<Result> {
    if (!this.#mayRemove) return this.lacks("remove");
    return this.card.withWriting(work);
  }

  close(): Promise<void> {
    return this.card.close();
  }
}

/** A string of a descriptor as a name: printable, single spaces, 64 letters; empty when nothing is left. */
function nameOf(claim: string): string {
  const printable = claim.replace(/[\p{C}\s]+/gu, " ").trim();
  return printable.slice(0, MAX_NAME_LETTERS).trim();
}

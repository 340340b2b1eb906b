import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, readlink, unlink } from "node:fs/promises";
import { AgentError } from "../../../config/base/errors.ts";
import type { RecorderFile } from "../recorder-driver.ts";
import { type CardPlace, placeOf } from "./card-path.ts";
import { claimedTime } from "./card-times.ts";
import { cardFailure } from "./failures.ts";
import type { MountedCard } from "./mount/card.ts";

const BUFFER_BYTES = 256 * 1024;

/** The files of a card, each looked at anew whenever it is read or removed. */
export class CardFiles {
  readonly #card: MountedCard;
  readonly #utcOffsetMin: number;

  constructor(card: MountedCard, utcOffsetMin: number) {
    this.#card = card;
    this.#utcOffsetMin = utcOffsetMin;
  }

  /** As `RecorderDriver.read`, in one reused buffer. */
  async *read(
    file: RecorderFile,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    signal.throwIfAborted();
    const handle = await this.#open(file);
    try {
      const end = Math.min(file.bytes, offset + length);
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(BUFFER_BYTES, end - offset)));
      for (let at = offset; at < end; ) {
        signal.throwIfAborted();
        const { bytesRead } = await handle.read(
          buffer,
          0,
          this.#granted(Math.min(buffer.length, end - at), file),
          at,
        );
        if (bytesRead === 0)
          throw new AgentError("recorder-answer", `${file.path}: ends at ${at} of ${file.bytes}`);
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
      if (!this.#card.isThere()) throw new AgentError("recorder-gone", file.path);
      this.#checkSame(file, placeOf(file, this.#card), await handle.stat());
    } catch (error) {
      throw signal.aborted ? signal.reason : cardFailure(error, file.path, this.#card);
    } finally {
      await handle.close().catch(() => {});
    }
  }

  /** As `RecorderDriver.remove`. Durable when it resolves. */
  async remove(file: RecorderFile): Promise<void> {
    if (!this.#card.isThere()) throw new AgentError("recorder-gone", file.path);
    const place = placeOf(file, this.#card);
    await this.#card.withWriting(async () => {
      try {
        this.#checkSame(file, place, await lstat(place.path));
        await this.#checkNoDetour(file, place);
        await unlink(place.path);
        await syncFolderOf(place.path);
      } catch (error) {
        throw cardFailure(error, file.path, this.#card);
      }
    });
  }

  async #open(file: RecorderFile): Promise<FileHandle> {
    if (!this.#card.isThere()) throw new AgentError("recorder-gone", file.path);
    const place = placeOf(file, this.#card);
    let handle: FileHandle | null = null;
    try {
      handle = await open(place.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      this.#checkSame(file, place, await handle.stat());
      // a card that changes while it is read may make a link of a folder: what was opened must lie where it was listed
      const real = await readlink(`/proc/self/fd/${handle.fd}`, { encoding: "buffer" });
      if (!real.equals(place.path)) throw new AgentError("file-gone", `${file.path}: leads elsewhere now`);
      return handle;
    } catch (error) {
      await handle?.close().catch(() => {});
      throw cardFailure(error, file.path, this.#card);
    }
  }

  #granted(bytes: number, { path }: RecorderFile): number {
    const granted = this.#card.isThere() ? (this.#card.grant?.(bytes) ?? bytes) : 0;
    if (granted === 0) throw new AgentError("recorder-gone", path);
    return granted;
  }

  async #checkNoDetour(file: RecorderFile, { path }: CardPlace): Promise<void> {
    const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const real = await readlink(`/proc/self/fd/${handle.fd}`, { encoding: "buffer" });
      if (!real.equals(path)) throw new AgentError("file-gone", `${file.path}: leads elsewhere now`);
    } finally {
      await handle.close();
    }
  }

  #checkSame(file: RecorderFile, { volume }: CardPlace, stats: Stats): void {
    const another = (what: string) => new AgentError("file-gone", `${file.path}: ${what}`);
    if (!stats.isFile()) throw another("is no file any more");
    if (stats.size !== file.bytes) throw another(`${file.bytes} bytes were listed, it has ${stats.size} now`);
    const modifiedMs = claimedTime(stats.mtimeMs, volume.times, this.#utcOffsetMin);
    if (modifiedMs !== file.modifiedMs) throw another("was changed since it was listed");
  }
}

async function syncFolderOf(path: Buffer): Promise<void> {
  const folder = await open(path.subarray(0, path.lastIndexOf("/")), constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

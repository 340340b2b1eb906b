import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { DevicePort } from "./device-port.ts";

/** A target that is open: whole blocks go to it and come from it, and its errors say at which byte. */
export class Medium {
  readonly path: string;
  readonly #port: DevicePort;
  /** Undoes what opening it made, when nothing was written to it after all. */
  whenGivenUp: () => void = () => {};

  constructor(path: string, port: DevicePort) {
    this.path = path;
    this.#port = port;
  }

  get bytes(): number {
    return this.#port.bytes;
  }

  get alignment(): number {
    return this.#port.alignment;
  }

  get isDirect(): boolean {
    return this.#port.isDirect;
  }

  /** `bytes`, up to where the next piece of it may begin. */
  aligned(bytes: number): number {
    return Math.ceil(bytes / this.alignment) * this.alignment;
  }

  /** Writes all of `bytes`. Throws `target-full`, `target-gone` or `target-write-failed`. */
  async write(bytes: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const written = await this.#try("target-write-failed", at + done, () =>
        this.#port.write(bytes.subarray(done), at + done),
      );
      // one that takes nothing any more would be asked for ever
      if (written === 0) throw new AgentError(this.#noRoom(at + done), `${this.path}, byte ${at + done}`);
      done += written;
    }
  }

  /**
   * Fills `into`, except for what stands behind the end of a file that has no alignment. Answers how many bytes there
   * were. Throws `target-gone` or `target-read-failed`.
   */
  async read(into: Uint8Array, at: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const read = await this.#try("target-read-failed", at + done, () =>
        this.#port.read(into.subarray(done), at + done),
      );
      done += read;
      if (read === 0 && this.#port.isDisk && at + done < this.bytes)
        throw new AgentError("target-gone", `${this.path}, byte ${at + done}`);
      // past a file's end no further read is aligned
      if (read === 0 || read % this.alignment !== 0) break;
    }
    return done;
  }

  /** Throws as `write` does: some disks tell only now. */
  async sync(): Promise<void> {
    await this.#try("target-write-failed", null, () => this.#port.sync());
  }

  async resize(bytes: number): Promise<void> {
    await this.#try("target-write-failed", bytes, () => this.#port.resize(bytes));
  }

  /** Never throws: what counted is synced. */
  async close(): Promise<void> {
    await this.#port.close().catch(() => {});
  }

  /** A disk that is pulled out has no bytes any more: the kernel says that there is no room, and reads its end. */
  #noRoom(at: number | null): "target-full" | "target-gone" {
    return this.#port.isDisk && (at ?? 0) < this.bytes ? "target-gone" : "target-full";
  }

  async #try<T>(code: string, at: number | null, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const place = at === null ? this.path : `${this.path}, byte ${at}`;
      const reason = errorCode(cause);
      const options = { cause };
      if (reason === "ENOSPC" || reason === "EDQUOT" || reason === "EFBIG")
        throw new AgentError(this.#noRoom(at), place, options);
      if (reason === "ENODEV" || reason === "ENXIO" || reason === "ENOMEDIUM")
        throw new AgentError("target-gone", place, options);
      throw new AgentError(code, `${place}: ${reason}`, options);
    }
  }
}

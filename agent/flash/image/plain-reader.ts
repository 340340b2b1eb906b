import { type FileHandle, open } from "node:fs/promises";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { ImageReader } from "./image-reader.ts";

/** An image as it is. */
export class PlainReader implements ImageReader {
  readonly #path: string;
  #file: Promise<FileHandle> | null = null;
  #at = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async fill(into: Uint8Array): Promise<number> {
    try {
      this.#file ??= open(this.#path, "r");
      const file = await this.#file;
      let done = 0;
      while (done < into.length) {
        const { bytesRead } = await file.read(into, done, into.length - done, this.#at);
        if (bytesRead === 0) break;
        done += bytesRead;
        this.#at += bytesRead;
      }
      return done;
    } catch (cause) {
      throw new AgentError("image-unreadable", `${this.#path}, byte ${this.#at}: ${errorCode(cause)}`, {
        cause,
      });
    }
  }

  packedDigest(): null {
    return null;
  }

  async close(): Promise<void> {
    await this.#file?.then((file) => file.close()).catch(() => {});
  }
}

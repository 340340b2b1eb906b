import { createHash } from "node:crypto";
import { createReadStream, type Stats, statSync } from "node:fs";
import { errorCode } from "../../../config/base/errors.ts";
import { BLOCK_BYTES } from "../../../crypto/media/blocks.ts";

/** The bundle that waits to be installed, read once for each time that it changes. */
export class StagedBundle {
  readonly #file: string;
  #known: { mark: string; digest: string | null } | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  /** True if that very bundle is there, whole; one that RAUC has taken for itself, as it does to install it, is not. */
  async is({ digest, bytes }: { digest: string; bytes: number }): Promise<boolean> {
    const stats = statSync(this.#file, { throwIfNoEntry: false });
    if (stats?.size !== bytes) return false;
    const mark = markOf(stats);
    if (this.#known?.mark !== mark) this.#known = { mark, digest: await this.#read() };
    return this.#known.digest === digest;
  }

  async #read(): Promise<string | null> {
    try {
      return await digestOf(this.#file);
    } catch (error) {
      if (["EACCES", "ENOENT"].includes(errorCode(error))) return null;
      throw error;
    }
  }
}

/** Another file, or another content of the same. */
function markOf({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [ino, size, mtimeMs, ctimeMs].join(" ");
}

/** SHA-256 in hex. */
export async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file, { highWaterMark: BLOCK_BYTES })) hash.update(piece);
  return hash.digest("hex");
}

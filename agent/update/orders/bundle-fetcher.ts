import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { syncDirectory, writeFully } from "../../../config/base/durable.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { Logger } from "../../../config/base/logger.ts";
import type { OpenedOrder } from "../../../crypto/proof/update-order.ts";
import { digestOf } from "./staged-bundle.ts";

export interface BundleFetcherParts {
  /** Where the bundle is to lie, whole. */
  staged: string;
  /** The bytes from `offset` on; none: the receiver has no such bundle, or no more of it. */
  part(digest: string, offset: number, signal: AbortSignal): Promise<Uint8Array>;
  /** Asked before each part. */
  mayFetch(): boolean;
  /** Besides what evidence needs. */
  freeBytes(): number;
  log: Logger;
}

const PART = /^[0-9a-f]{64}\.part$/;

/** Fetches ordered bundles from the receiver, part after part. What was begun is gone on with, whatever cut it off. */
export class BundleFetcher {
  readonly #parts: BundleFetcherParts;

  constructor(parts: BundleFetcherParts) {
    this.#parts = parts;
  }

  /**
   * True once the bundle is staged; false when it cannot be now. Throws what `part` throws, and `bundle-damaged` when
   * what came is another: that is thrown away. What was gone on with may have lost its end with the power: then it is
   * thrown away too, and comes anew the next time.
   */
  async fetch({ digest, bytes, version }: OpenedOrder, signal: AbortSignal): Promise<boolean> {
    const { staged, freeBytes, log } = this.#parts;
    const folder = dirname(staged);
    const file = join(folder, `${digest}.part`);
    mkdirSync(folder, { recursive: true, mode: 0o750 });
    forgetOthers(folder, file);
    const before = heldBytes(file);
    if (freeBytes() < bytes - before) throw new AgentError("disk-full", file);
    if (!(await this.#fill(file, { digest, bytes }, signal))) return false;
    if ((await digestOf(file)) !== digest) {
      rmSync(file);
      if (before > 0) return false;
      throw new AgentError("bundle-damaged", `${digest}: other bytes came`);
    }
    renameSync(file, staged);
    syncDirectory(folder);
    log.info({ version, bytes }, "ordered bundle fetched");
    return true;
  }

  async #fill(
    file: string,
    { digest, bytes }: { digest: string; bytes: number },
    signal: AbortSignal,
  ): Promise<boolean> {
    const { part, mayFetch } = this.#parts;
    const fd = openSync(file, "a", 0o640);
    try {
      for (let held = heldBytes(file); held < bytes; ) {
        if (!mayFetch()) return false;
        const piece = await part(digest, held, signal);
        if (piece.length === 0) return false;
        const wanted = piece.subarray(0, bytes - held);
        writeFully(fd, wanted);
        held += wanted.length;
      }
      fsyncSync(fd);
      return true;
    } finally {
      closeSync(fd);
    }
  }
}

function heldBytes(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Of orders that came to nothing. */
function forgetOthers(folder: string, file: string): void {
  for (const name of readdirSync(folder))
    if (PART.test(name) && join(folder, name) !== file) rmSync(join(folder, name), { force: true });
}

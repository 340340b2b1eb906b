import { createHash } from "node:crypto";
import { AgentError } from "../../../config/base/errors.ts";
import type { Image } from "../image/image.ts";
import type { ImageReader } from "../image/image-reader.ts";
import { BLOCK_BYTES, newBlock, type PassOptions } from "./blocks.ts";
import type { Medium } from "./medium.ts";
import { type Overlay, overlay, takeOut } from "./overlay.ts";

export interface CompareOptions extends PassOptions {
  /**
   * What stands in place of the image's bytes: `expected` must be found there; `left-out` is filled from the medium,
   * and compared with nothing.
   */
  personal: { is: "none" } | { is: "expected" | "left-out"; overlay: Overlay };
  /** The first block is not looked at: it is not written yet. */
  skipsHead: boolean;
}

/** All bytes are the image's; or the first that differs, or that the medium has not. */
export type Comparison =
  | {
      same: true;
      /** Hex SHA-256 of the image as it was read this time. */
      sha256: string;
      /** As `ImageReader` tells it. */
      packedDigest: string | null;
    }
  | { same: false; differsAt: number };

/** Compares what is on a medium with an image, byte for byte. Throws `image-…`, `target-…`, or the signal's reason. */
export async function compareImage(
  image: Image,
  medium: Medium,
  options: CompareOptions,
): Promise<Comparison> {
  const reader = image.read();
  try {
    return await new Comparing(image, reader, medium, options).run();
  } finally {
    await reader.close();
  }
}

/** The same piece of both, in memory that is used again. */
interface Pair {
  at: number;
  ofImage: Uint8Array;
  ofMedium: Uint8Array;
  /** Of the image. */
  bytes: number;
  /** Of the medium, which may end before. */
  found: number;
}

class Comparing {
  readonly #image: Image;
  readonly #reader: ImageReader;
  readonly #medium: Medium;
  readonly #options: CompareOptions;
  readonly #hash = createHash("sha256");

  constructor(image: Image, reader: ImageReader, medium: Medium, options: CompareOptions) {
    this.#image = image;
    this.#reader = reader;
    this.#medium = medium;
    this.#options = options;
  }

  async run(): Promise<Comparison> {
    const { bytes: total } = this.#image;
    const { onProgress, signal } = this.#options;
    let [pair, spare] = [newPair(), newPair()];
    await this.#load(pair, 0);
    while (true) {
      signal.throwIfAborted();
      const end = pair.at + pair.bytes;
      // the next is on its way while this one is looked at
      const loading = end < total ? this.#load(spare, end) : Promise.resolve();
      const differsAt = this.#differenceIn(pair);
      await loading;
      if (differsAt !== null) return { same: false, differsAt };
      onProgress({ phase: "reading", done: end, total });
      if (end === total) break;
      [pair, spare] = [spare, pair];
    }
    await this.#expectEnd(spare.ofImage);
    return { same: true, sha256: this.#hash.digest("hex"), packedDigest: this.#reader.packedDigest() };
  }

  async #load(pair: Pair, at: number): Promise<void> {
    const bytes = Math.min(BLOCK_BYTES, this.#image.bytes - at);
    const isSkipped = this.#options.skipsHead && at === 0;
    const wanted = pair.ofMedium.subarray(0, isSkipped ? 0 : this.#medium.aligned(bytes));
    const [filled, found] = await settled([
      this.#reader.fill(pair.ofImage.subarray(0, bytes)),
      this.#medium.read(wanted, at),
    ]);
    if (filled < bytes) throw new AgentError("image-changed", this.#image.path);
    Object.assign(pair, { at, bytes, found: isSkipped ? 0 : found });
  }

  /** An image that has become longer since it was opened is another one. */
  async #expectEnd(into: Uint8Array): Promise<void> {
    if ((await this.#reader.fill(into.subarray(0, 1))) > 0)
      throw new AgentError("image-changed", this.#image.path);
  }

  /** null: this piece is the same. */
  #differenceIn({ at, ofImage, ofMedium, bytes, found }: Pair): number | null {
    const { personal, skipsHead } = this.#options;
    const expected = ofImage.subarray(0, bytes);
    this.#hash.update(expected);
    if (skipsHead && at === 0) return null;
    const seen = ofMedium.subarray(0, Math.min(bytes, found));
    if (personal.is === "left-out") takeOut(seen, at, personal.overlay);
    if (personal.is !== "none") overlay(expected, at, personal.overlay);
    const difference = firstDifference(expected, seen);
    return difference === null ? null : at + difference;
  }
}

/** The position of the first byte that differs, or that `seen` lacks; null: there is none. */
export function firstDifference(expected: Uint8Array, seen: Uint8Array): number | null {
  if (Buffer.compare(expected, seen) === 0) return null;
  const at = expected.findIndex((byte, index) => byte !== seen[index]);
  return at < 0 ? null : at;
}

function newPair(): Pair {
  return { at: 0, ofImage: newBlock(), ofMedium: newBlock(), bytes: 0, found: 0 };
}

/** Both, or the first failure, once both have ended: what is under way still uses the memory. */
async function settled([a, b]: [Promise<number>, Promise<number>]): Promise<[number, number]> {
  await Promise.allSettled([a, b]);
  return [await a, await b];
}

import { MAX_PART_BYTES, SMALL_PART_BYTES, USUAL_PART_BYTES } from "../../wire/limits.ts";

/** A link this fast takes a part of 1 MiB in 62 ms. */
const FAST_BYTES_PER_S = 16 * 1024 * 1024;
/** Weight of the newest measurement. */
const NEWEST = 0.25;

/**
 * Chooses the size of parts by how fast they are answered: small while a usual one would take longer
 * than a quarter of the keepalive (pings wait behind it), large on a fast link.
 */
export class PartSize {
  readonly #longMs: number;
  #bytesPerS: number | null = null;

  constructor(keepaliveS: number) {
    this.#longMs = (keepaliveS * 1000) / 4;
  }

  get bytes(): number {
    if (this.#bytesPerS === null) return USUAL_PART_BYTES;
    if (this.#bytesPerS < this.#slowBytesPerS) return SMALL_PART_BYTES;
    return this.#bytesPerS >= FAST_BYTES_PER_S ? MAX_PART_BYTES : USUAL_PART_BYTES;
  }

  /**
   * A part was answered `elapsedMs` after it was sent; `bytes` had to pass by then: itself and what was
   * in flight before it. A quick answer to little says nothing of the speed, a slow one does.
   */
  answered(bytes: number, elapsedMs: number): void {
    if (bytes < USUAL_PART_BYTES && elapsedMs < this.#longMs) return;
    const measured = (bytes * 1000) / Math.max(elapsedMs, 1);
    const before = this.#bytesPerS ?? measured;
    this.#bytesPerS = before + NEWEST * (measured - before);
  }

  /** Nothing was answered in time. */
  timedOut(): void {
    this.#bytesPerS = Math.min(this.#bytesPerS ?? this.#slowBytesPerS, this.#slowBytesPerS) / 2;
  }

  get #slowBytesPerS(): number {
    return (USUAL_PART_BYTES * 1000) / this.#longMs;
  }
}

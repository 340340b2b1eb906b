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
  readonly #slowBytesPerS: number;
  #bytesPerS: number | null = null;
  #lastAnswerMs: number | null = null;

  constructor(keepaliveS: number) {
    this.#slowBytesPerS = USUAL_PART_BYTES / (keepaliveS / 4);
  }

  get bytes(): number {
    if (this.#bytesPerS === null) return USUAL_PART_BYTES;
    if (this.#bytesPerS < this.#slowBytesPerS) return SMALL_PART_BYTES;
    return this.#bytesPerS >= FAST_BYTES_PER_S ? MAX_PART_BYTES : USUAL_PART_BYTES;
  }

  /** `bytes` sent since `firstSentMs` were answered; time before the last answer belongs to earlier parts. */
  answered(bytes: number, firstSentMs: number, nowMs: number): void {
    const sinceMs = Math.max(firstSentMs, this.#lastAnswerMs ?? firstSentMs);
    this.#lastAnswerMs = nowMs;
    const measured = (bytes * 1000) / Math.max(nowMs - sinceMs, 1);
    this.#bytesPerS =
      this.#bytesPerS === null ? measured : this.#bytesPerS + NEWEST * (measured - this.#bytesPerS);
  }

  /** Nothing was answered in time. */
  timedOut(): void {
    this.#bytesPerS = Math.min(this.#bytesPerS ?? this.#slowBytesPerS, this.#slowBytesPerS) / 2;
  }
}

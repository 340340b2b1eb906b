import { FRAME_VERSION, type Frame, MAX_FRAME_BYTES, MIN_FRAME_BYTES, unpackFrame } from "./frame.ts";
import { END, type Slip } from "./slip.ts";

/** Where whole frames go, and what was thrown away. Neither may throw. */
export interface FrameListener {
  onFrame(frame: Frame): void;
  /** So many bytes of the line belonged to no frame. */
  onDiscarded(bytes: number): void;
}

/** Every byte may be escaped, and END follows. */
const MAX_SEGMENT_BYTES = 2 * MAX_FRAME_BYTES + 1;

/**
 * Finds the frames in a stream of bytes. What lies between two ENDs is a frame or is discarded whole, so noise
 * costs at most the frame that it hits: the END that begins the next one ends the noise.
 */
export class FrameReader {
  readonly #slip: Slip;
  readonly #listener: FrameListener;
  readonly #segment = Buffer.alloc(MAX_SEGMENT_BYTES);
  #length = 0;
  /** Up to the next END: the segment is longer than any frame. */
  #isSkipping = false;
  /** Discarded, and not yet told. */
  #discarded = 0;

  constructor(slip: Slip, listener: FrameListener) {
    this.#slip = slip;
    this.#listener = listener;
  }

  push(bytes: Uint8Array): void {
    let from = 0;
    for (;;) {
      const end = bytes.indexOf(END, from);
      if (end < 0) break;
      this.#add(bytes.subarray(from, end + 1));
      this.#endSegment();
      from = end + 1;
    }
    this.#add(bytes.subarray(from));
    this.#tellDiscarded();
  }

  /** The line has ended: what stands there will never be a frame. */
  end(): void {
    this.#discarded += this.#length;
    this.#length = 0;
    this.#isSkipping = false;
    this.#tellDiscarded();
  }

  #add(piece: Uint8Array): void {
    if (!this.#isSkipping && this.#length + piece.length <= MAX_SEGMENT_BYTES) {
      this.#segment.set(piece, this.#length);
      this.#length += piece.length;
      return;
    }
    this.#isSkipping = true;
    this.#discarded += this.#length + piece.length;
    this.#length = 0;
  }

  #endSegment(): void {
    const length = this.#length;
    const isSkipped = this.#isSkipping;
    this.#length = 0;
    this.#isSkipping = false;
    // the END of one frame and the END before the next lie side by side
    if (isSkipped || length <= 1) return;
    const frame = length > MIN_FRAME_BYTES ? this.#decode(this.#segment.subarray(0, length)) : null;
    if (frame === null) {
      this.#discarded += length;
      return;
    }
    this.#tellDiscarded();
    this.#listener.onFrame(frame);
  }

  #decode(segment: Buffer): Frame | null {
    // the version is never escaped: most noise ends here
    if (segment[0] !== FRAME_VERSION) return null;
    const packet = this.#slip.decode(segment);
    return packet === null ? null : unpackFrame(packet);
  }

  #tellDiscarded(): void {
    if (this.#discarded > 0) this.#listener.onDiscarded(this.#discarded);
    this.#discarded = 0;
  }
}

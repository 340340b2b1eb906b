import { AgentError } from "../../config/base/errors.ts";

/** One complete top-level box (ISO/IEC 14496-12 §4.2): its type, whole size, and payload in pieces. */
export interface Box {
  readonly type: string;
  /** Position of the box in the stream, bytes. */
  readonly at: number;
  /** Header and payload, bytes. */
  readonly bytes: number;
  /** The box as it came, header first. Slices of what was pushed wherever the pieces were large enough. */
  readonly parts: readonly Buffer[];
}

/** Largest whole size that is believed, by box type. Any other type is refused. */
export const MAX_BOX_BYTES: Readonly<Record<string, number>> = {
  ftyp: 4 * 1024,
  moov: 256 * 1024,
  moof: 1024 * 1024,
  mdat: 32 * 1024 * 1024,
};

const HEADER_BYTES = 8;
const LARGE_HEADER_BYTES = 16;
/** Pieces below this are gathered, so that a stream in crumbs does not cost an object a byte. */
const CRUMB_BYTES = 2 * 1024;
const GATHER_BYTES = 16 * 1024;

/**
 * Cuts a byte stream into top-level MP4 boxes, in whatever pieces it comes. Holds at most one
 * unfinished box, and that never beyond `MAX_BOX_BYTES` of its type.
 */
export class BoxReader {
  readonly #header = Buffer.alloc(LARGE_HEADER_BYTES);
  #headerBytes = 0;
  #open: { type: string; at: number; bytes: number; missing: number; parts: Buffer[] } | null = null;
  #gather: Buffer | null = null;
  #gathered = 0;
  #at = 0;

  /** Bytes of the unfinished box held so far. */
  get pendingBytes(): number {
    return this.#open === null ? this.#headerBytes : this.#open.bytes - this.#open.missing;
  }

  /**
   * Takes the next piece of the stream and yields the boxes that it completes.
   * Throws `mp4-box-type`, `mp4-box-size` or `mp4-box-endless`; the reader is unusable afterwards.
   */
  *push(piece: Buffer): Generator<Box, void, void> {
    let rest = piece;
    while (rest.length > 0) {
      rest = this.#open === null ? this.#readHeader(rest) : this.#readPayload(this.#open, rest);
      if (this.#open !== null && this.#open.missing === 0) {
        this.#flushGathered(this.#open.parts);
        const { type, at, bytes, parts } = this.#open;
        this.#open = null;
        yield { type, at, bytes, parts };
      }
    }
  }

  #readHeader(piece: Buffer): Buffer {
    const wanted = this.#headerBytes >= HEADER_BYTES ? LARGE_HEADER_BYTES : HEADER_BYTES;
    const taken = Math.min(wanted - this.#headerBytes, piece.length);
    piece.copy(this.#header, this.#headerBytes, 0, taken);
    this.#headerBytes += taken;
    if (this.#headerBytes === wanted) this.#openBox();
    return piece.subarray(taken);
  }

  #openBox(): void {
    const type = this.#header.toString("latin1", 4, 8);
    const place = `box ${JSON.stringify(type)} at byte ${this.#at}`;
    const limit = MAX_BOX_BYTES[type];
    if (limit === undefined) throw new AgentError("mp4-box-type", place);
    const compact = this.#header.readUInt32BE(0);
    if (compact === 0) throw new AgentError("mp4-box-endless", place);
    // size 1: the real one follows in 64 bits
    if (compact === 1 && this.#headerBytes === HEADER_BYTES) return;
    const bytes = compact === 1 ? Number(this.#header.readBigUInt64BE(HEADER_BYTES)) : compact;
    if (bytes < this.#headerBytes || bytes > limit) {
      throw new AgentError(
        "mp4-box-size",
        `${place}: ${bytes} bytes, allowed ${this.#headerBytes} to ${limit}`,
      );
    }
    const header = Buffer.from(this.#header.subarray(0, this.#headerBytes));
    this.#open = { type, at: this.#at, bytes, missing: bytes - header.length, parts: [header] };
    this.#at += bytes;
    this.#headerBytes = 0;
  }

  #readPayload(box: { missing: number; parts: Buffer[] }, piece: Buffer): Buffer {
    const taken = piece.subarray(0, box.missing);
    box.missing -= taken.length;
    if (taken.length < CRUMB_BYTES) {
      this.#gatherCrumb(box.parts, taken);
    } else {
      this.#flushGathered(box.parts);
      box.parts.push(taken);
    }
    return piece.subarray(taken.length);
  }

  #gatherCrumb(parts: Buffer[], crumb: Buffer): void {
    if (this.#gather !== null && this.#gathered + crumb.length > this.#gather.length)
      this.#flushGathered(parts);
    this.#gather ??= Buffer.allocUnsafeSlow(GATHER_BYTES);
    this.#gathered += crumb.copy(this.#gather, this.#gathered);
  }

  #flushGathered(parts: Buffer[]): void {
    if (this.#gather === null) return;
    // a copy of the used part: a pinned 16 KiB for each fragment's last crumb would outweigh the crumb
    parts.push(Buffer.from(this.#gather.subarray(0, this.#gathered)));
    this.#gathered = 0;
    this.#gather = null;
  }
}

import { AgentError } from "../../config/base/errors.ts";

/** A box inside another: its type and payload, a view into the parent's bytes. */
export interface InnerBox {
  readonly type: string;
  readonly payload: Buffer;
  /** Offset of the payload in the buffer that `innerBoxes` was called with. */
  readonly offset: number;
}

/** How many boxes one container may hold: ffmpeg writes fewer than ten. */
const MAX_BOXES = 64;

/** The boxes directly inside `bytes` from `from` on. Throws `mp4-malformed` where one overruns its container. */
export function innerBoxes(bytes: Buffer, from = 0): InnerBox[] {
  const boxes: InnerBox[] = [];
  for (let at = from; at < bytes.length; ) {
    const size = at + 8 <= bytes.length ? bytes.readUInt32BE(at) : 0;
    if (size < 8 || at + size > bytes.length || boxes.length === MAX_BOXES) {
      throw new AgentError("mp4-malformed", `inner box at offset ${at} of ${bytes.length} bytes`);
    }
    boxes.push({
      type: bytes.toString("latin1", at + 4, at + 8),
      payload: bytes.subarray(at + 8, at + size),
      offset: at + 8,
    });
    at += size;
  }
  return boxes;
}

/** The one box of this type. Throws `mp4-malformed` when it is missing. */
export function innerBox(boxes: readonly InnerBox[], type: string): InnerBox {
  const box = boxes.find((candidate) => candidate.type === type);
  if (box === undefined) throw new AgentError("mp4-malformed", `no ${type}`);
  return box;
}

/**
 * Reads big-endian fields one after the other; a read past the end is `mp4-malformed`.
 */
export class FieldReader {
  readonly #bytes: Buffer;
  readonly #name: string;
  #at: number;

  constructor(bytes: Buffer, name: string, at = 0) {
    this.#bytes = bytes;
    this.#name = name;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  skip(count: number): void {
    this.#take(count);
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#take(2));
  }

  u24(): number {
    return this.#bytes.readUIntBE(this.#take(3), 3);
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  u64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8));
  }

  text(count: number): string {
    const at = this.#take(count);
    return this.#bytes.toString("latin1", at, at + count);
  }

  #take(count: number): number {
    const at = this.#at;
    if (at + count > this.#bytes.length) {
      throw new AgentError(
        "mp4-malformed",
        `${this.#name}: ${count} bytes wanted at ${at} of ${this.#bytes.length}`,
      );
    }
    this.#at = at + count;
    return at;
  }
}

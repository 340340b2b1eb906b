import { AgentError } from "../../../../config/base/errors.ts";

/** Reads the fields of a dataset, MTP 1.1 §3; throws `recorder-answer` where it ends before they do. */
export class DatasetReader {
  readonly #view: DataView;
  readonly #what: string;
  #at = 0;

  /** `what` tells in errors which dataset it is. */
  constructor(bytes: Uint8Array, what: string) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  get left(): number {
    return this.#view.byteLength - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** Exact up to 2^53; more is no size of anything. */
  u64(): number {
    const value = this.#view.getBigUint64(this.#take(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.#broken(`${value} is no size`);
    return Number(value);
  }

  /**
   * Counted letters of UTF-16 with the closing null among them (§3.2.3); lone surrogates come through, and
   * what follows a null is left out.
   */
  text(): string {
    const letters = this.u8();
    const start = this.#take(letters * 2);
    let text = "";
    for (let i = 0; i < letters; i++) {
      text += String.fromCharCode(this.#view.getUint16(start + 2 * i, true));
    }
    const end = text.indexOf("\0");
    return end < 0 ? text : text.slice(0, end);
  }

  u16s(most: number): number[] {
    return Array.from({ length: this.#count(2, most) }, () => this.u16());
  }

  u32s(most: number): Uint32Array {
    return Uint32Array.from({ length: this.#count(4, most) }, () => this.u32());
  }

  skip(bytes: number): void {
    this.#take(bytes);
  }

  #count(elementBytes: number, most: number): number {
    const count = this.u32();
    if (count > most) throw this.#broken(`${count} elements, at most ${most} are read`);
    if (count * elementBytes > this.left) throw this.#broken(`${count} elements in ${this.left} bytes`);
    return count;
  }

  #take(bytes: number): number {
    if (bytes > this.left) throw this.#broken(`ends at byte ${this.#view.byteLength}`);
    const start = this.#at;
    this.#at += bytes;
    return start;
  }

  #broken(why: string): AgentError {
    return new AgentError("recorder-answer", `${this.#what}: ${why}`);
  }
}

/** Writes the fields of a dataset. */
export class DatasetWriter {
  readonly #parts: Buffer[] = [];

  u8(value: number): this {
    this.#parts.push(Buffer.of(value));
    return this;
  }

  u16(value: number): this {
    const part = Buffer.alloc(2);
    part.writeUInt16LE(value);
    this.#parts.push(part);
    return this;
  }

  u32(value: number): this {
    const part = Buffer.alloc(4);
    part.writeUInt32LE(value);
    this.#parts.push(part);
    return this;
  }

  u64(value: number): this {
    const part = Buffer.alloc(8);
    part.writeBigUInt64LE(BigInt(value));
    this.#parts.push(part);
    return this;
  }

  /** At most 254 letters and the closing null; longer texts are cut. */
  text(value: string): this {
    if (value === "") return this.u8(0);
    const letters = [...Array(Math.min(value.length, 254)).keys()];
    this.u8(letters.length + 1);
    for (const i of letters) this.u16(value.charCodeAt(i));
    return this.u16(0);
  }

  u16s(values: readonly number[]): this {
    this.u32(values.length);
    for (const value of values) this.u16(value);
    return this;
  }

  u32s(values: readonly number[]): this {
    const part = Buffer.alloc(4 + 4 * values.length);
    part.writeUInt32LE(values.length);
    for (const [i, value] of values.entries()) part.writeUInt32LE(value, 4 + 4 * i);
    this.#parts.push(part);
    return this;
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

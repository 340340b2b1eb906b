import { AgentError } from "../../../../config/base/errors.ts";

/**
 * How a value lies in the payload of a frame, both ways. Numbers are little-endian; what stands behind the
 * last field that a reader knows belongs to a later version and is left alone.
 */
export interface Layout<T> {
  /** Throws `board-value` for what the field cannot hold. */
  write(to: number[], value: T, place: string): void;
  /** Throws `message-length` where the payload ends too early, `message-value` for what no field may hold. */
  read(from: PayloadReader, place: string): T;
}

export type ValueOf<L> = L extends Layout<infer T> ? T : never;

/** Takes bytes off the front of a payload. */
export class PayloadReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(payload: Uint8Array) {
    this.#bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  }

  take(count: number, place: string): Buffer {
    const end = this.#at + count;
    if (end > this.#bytes.length) {
      throw new AgentError("message-length", `${place}: ${this.#bytes.length} bytes are too few`);
    }
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

export function pack<T>(layout: Layout<T>, value: T, place: string): Uint8Array {
  const bytes: number[] = [];
  layout.write(bytes, value, place);
  return Uint8Array.from(bytes);
}

export function unpack<T>(layout: Layout<T>, payload: Uint8Array, place: string): T {
  return layout.read(new PayloadReader(payload), place);
}

/** A whole number of 1, 2, 4 or 6 bytes without sign. */
export function uint(size: 1 | 2 | 4 | 6, least = 0, most = 2 ** (8 * size) - 1): Layout<number> {
  return {
    write: (to, value, place) => {
      if (!isWithin(value, least, most)) throw new AgentError("board-value", `${place}: ${value}`);
      for (let i = 0; i < size; i++) to.push(Math.floor(value / 2 ** (8 * i)) % 256);
    },
    read: (from, place) => checked(from.take(size, place).readUIntLE(0, size), least, most, place),
  };
}

/** A whole number of 2 bytes in two's complement. */
export function int16(least: number, most: number): Layout<number> {
  const bits = uint(2);
  return {
    write: (to, value, place) => {
      if (!isWithin(value, least, most)) throw new AgentError("board-value", `${place}: ${value}`);
      bits.write(to, value < 0 ? value + 0x1_0000 : value, place);
    },
    read: (from, place) => checked(from.take(2, place).readInt16LE(), least, most, place),
  };
}

/** One of a list, as its place in it from 1 on: memory full of zeroes is none of them. */
export function oneOf<const T extends string>(names: readonly T[]): Layout<T> {
  const index = uint(1, 1, names.length);
  return {
    write: (to, value, place) => index.write(to, names.indexOf(value) + 1, place),
    read: (from, place) => names[index.read(from, place) - 1] as T,
  };
}

/** A set, 2 bytes, bit 0 for the first name; bits that have no name are left alone. */
export function flags<const T extends string>(names: readonly T[]): Layout<readonly T[]> {
  const bits = uint(2);
  return {
    write: (to, value, place) =>
      bits.write(
        to,
        names.reduce((sum, name, bit) => sum + (value.includes(name) ? 2 ** bit : 0), 0),
        place,
      ),
    read: (from, place) => {
      const set = bits.read(from, place);
      return names.filter((_name, bit) => (set & (1 << bit)) !== 0);
    },
  };
}

/** One byte, 1 or 0. */
export const yesOrNo: Layout<boolean> = mapped(
  uint(1, 0, 1),
  (value) => (value ? 1 : 0),
  (value) => value === 1,
);

/** A value of `inner`'s, or null as `nothing`, which `inner` itself never holds. */
export function orNull(inner: Layout<number>, size: 1 | 2, nothing: number): Layout<number | null> {
  const raw = uint(size);
  return {
    write: (to, value, place) =>
      value === null ? raw.write(to, nothing, place) : inner.write(to, value, place),
    read: (from, place) => {
      const bytes = from.take(size, place);
      return bytes.readUIntLE(0, size) === nothing ? null : inner.read(new PayloadReader(bytes), place);
    },
  };
}

/** Printable ASCII: one byte of length, then the letters. */
export function letters(most: number): Layout<string> {
  const length = uint(1, 0, most);
  return {
    write: (to, value, place) => {
      if (!isPrintable(value)) throw new AgentError("board-value", `${place}: not printable ASCII`);
      length.write(to, value.length, place);
      to.push(...Buffer.from(value, "latin1"));
    },
    read: (from, place) => {
      const text = from.take(length.read(from, place), place).toString("latin1");
      if (!isPrintable(text)) throw new AgentError("message-value", `${place}: not printable ASCII`);
      return text;
    },
  };
}

/** One byte of count, then the values. */
export function list<T>(item: Layout<T>, most: number): Layout<readonly T[]> {
  const count = uint(1, 0, most);
  return {
    write: (to, value, place) => {
      count.write(to, value.length, `${place} count`);
      for (const [i, one] of value.entries()) item.write(to, one, `${place} ${i}`);
    },
    read: (from, place) => {
      const length = count.read(from, `${place} count`);
      return Array.from({ length }, (_, i) => item.read(from, `${place} ${i}`));
    },
  };
}

/** Fields one behind the other, in the order written here. */
export function fields<T extends object>(layouts: { [K in keyof T]: Layout<T[K]> }): Layout<T> {
  const entries = Object.entries(layouts) as [keyof T & string, Layout<T[keyof T]>][];
  return {
    write: (to, value, place) => {
      for (const [name, layout] of entries) layout.write(to, value[name], `${place}.${name}`);
    },
    read: (from, place) =>
      Object.fromEntries(entries.map(([name, layout]) => [name, layout.read(from, `${place}.${name}`)])) as T,
  };
}

function mapped<T, U>(inner: Layout<U>, out: (value: T) => U, back: (value: U) => T): Layout<T> {
  return {
    write: (to, value, place) => inner.write(to, out(value), place),
    read: (from, place) => back(inner.read(from, place)),
  };
}

function checked(value: number, least: number, most: number, place: string): number {
  if (!isWithin(value, least, most)) throw new AgentError("message-value", `${place}: ${value}`);
  return value;
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function isPrintable(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

/** Bytes of one block. Between 64 and 256 KiB a disk is used well, and the block stays in the processor's cache. */
export const BLOCK_BYTES = 256 * 1024;

/** Reused memory for direct input and output, of one thread. Whoever takes a block gives it back. */
export class Blocks {
  readonly #allocate: () => Uint8Array;
  readonly #free: Uint8Array[] = [];

  constructor(allocate: () => Uint8Array = () => pageAligned(BLOCK_BYTES)) {
    this.#allocate = allocate;
  }

  take(): Uint8Array {
    return this.#free.pop() ?? this.#allocate();
  }

  giveBack(block: Uint8Array): void {
    this.#free.push(block);
  }
}

// of the language, and of no library of types but the browsers'
declare const WebAssembly: {
  Memory: new (size: { initial: number; maximum: number }) => { buffer: ArrayBuffer };
};

/**
 * The one kind of memory in JavaScript that is sure to begin at a page, as O_DIRECT of open(2) wants it; `bytes` is a
 * multiple of 64 KiB.
 */
export function pageAligned(bytes: number): Uint8Array {
  const pages = bytes / (64 * 1024);
  return new Uint8Array(new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer);
}

/** Large enough for the bus, small enough for twenty recorders: usbfs has 16 MiB for all of them. */
export const TRANSFER_BYTES = 256 * 1024;
/** The largest packet of USB 3: what is asked for is rounded up to whole ones. */
const PACKET_BYTES = 1024;
/** Below it, new memory costs nothing that could be measured. */
const SMALL_BYTES = 16 * 1024;
/** Two parts of a file: one that is read, one on its way. */
const MOST_SPARE = 8;

/**
 * The memory in which large transfers come, used again and again: to map new pages for each costs more than the
 * transfer itself. What is never released is left to the collector.
 */
export class TransferMemory {
  readonly #spare: Uint8Array[] = [];
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** What `fill` brings, in memory that is the reader's until `release`. */
  async filled(
    bytes: number,
    fill: (memory: Uint8Array | undefined) => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    if (bytes < SMALL_BYTES || bytes > TRANSFER_BYTES + PACKET_BYTES) return await fill(undefined);
    const memory = this.#spare.pop() ?? new Uint8Array(TRANSFER_BYTES + PACKET_BYTES);
    // after a failure the system may still write to it: it is not used again
    const come = await fill(memory);
    if (come.buffer === memory.buffer) this.#lent.add(memory.buffer);
    else this.#keep(memory);
    return come;
  }

  /** Takes back the memory of which `bytes` are a part; what is not from here, or not lent, is none of it. */
  release({ buffer }: Uint8Array): void {
    if (this.#lent.delete(buffer)) this.#keep(new Uint8Array(buffer));
  }

  #keep(memory: Uint8Array): void {
    if (this.#spare.length < MOST_SPARE) this.#spare.push(memory);
  }
}

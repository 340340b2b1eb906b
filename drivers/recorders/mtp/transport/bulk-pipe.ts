import type { UsbLink } from "../../../usb/usb-link.ts";
import { TransferMemory } from "./transfer-memory.ts";

/** How many transfers wait at the device at once: while one is taken in, the next is filled. */
const TRANSFERS_AHEAD = 2;

export interface Endpoints {
  interfaceNumber: number;
  bulkIn: number;
  bulkOut: number;
  packetBytes: number;
}

/** What one transfer brought; `short`: the device ended it. */
export interface Transfer {
  bytes: Uint8Array;
  short: boolean;
}

interface Pending {
  requested: number;
  bytes: Promise<Uint8Array>;
}

/**
 * The device's answers as transfers in their order. What is asked for is always a multiple of the packet
 * size, so that nothing overflows, and never more than what is to come, so that two containers do not meet in
 * one transfer even where a device leaves out the zero-length packet.
 */
export class BulkPipe {
  readonly #link: UsbLink;
  readonly #endpoints: Endpoints;
  readonly #memory = new TransferMemory();
  #pending: Pending[] = [];
  #surplus: Transfer | null = null;

  constructor(link: UsbLink, endpoints: Endpoints) {
    this.#link = link;
    this.#endpoints = endpoints;
  }

  async send(bytes: Uint8Array, timeoutMs: number): Promise<void> {
    await this.#link.bulkOut(this.#endpoints.bulkOut, bytes, timeoutMs, true);
  }

  /** A place for `bytes` to come; does nothing where enough transfers wait already. */
  prepare(bytes: number, timeoutMs: number): boolean {
    if (this.#pending.length >= TRANSFERS_AHEAD) return false;
    const { packetBytes, bulkIn } = this.#endpoints;
    const requested = Math.max(1, Math.ceil(bytes / packetBytes)) * packetBytes;
    const incoming = this.#memory.filled(requested, (memory) =>
      this.#link.bulkIn(bulkIn, requested, timeoutMs, memory),
    );
    // who waits for it sees the failure; nobody has to
    incoming.catch(() => {});
    this.#pending.push({ requested, bytes: incoming });
    return true;
  }

  /** The next transfer; `bytes`: how much to ask for if nothing is on its way. */
  async next(bytes: number, timeoutMs: number): Promise<Transfer> {
    const surplus = this.#surplus;
    if (surplus !== null) {
      this.#surplus = null;
      return surplus;
    }
    if (this.#pending.length === 0) this.prepare(bytes, timeoutMs);
    const first = this.#pending[0] as Pending;
    try {
      const came = await first.bytes;
      return { bytes: came, short: came.length < first.requested };
    } finally {
      if (this.#pending[0] === first) this.#pending.shift();
    }
  }

  /** The bytes of a transfer are not read any more: the next may come to where they lie. */
  release(bytes: Uint8Array): void {
    this.#memory.release(bytes);
  }

  /** Whether no transfer waits at the device. */
  get idle(): boolean {
    return this.#pending.length === 0 && this.#surplus === null;
  }

  /** What the next container begins with came in the transfer of the one before. */
  putBack(transfer: Transfer): void {
    this.#surplus = transfer;
  }

  /** Resolves when no transfer waits any more; what they bring is nobody's. */
  async forget(): Promise<void> {
    this.#surplus = null;
    const pending = this.#pending;
    this.#pending = [];
    await Promise.allSettled(pending.map(({ bytes }) => bytes));
  }
}

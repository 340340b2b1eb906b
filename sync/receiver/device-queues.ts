import type { Clock } from "../../config/base/clock.ts";
import {
  KIB,
  MAX_ENTRIES_BYTES,
  MAX_PART_BYTES,
  MAX_UNANSWERED_ENTRIES,
  SMALL_PART_BYTES,
} from "../wire/limits.ts";
import type { DeviceBatch, UpMessage } from "./store/letters.ts";

/** Taken from one device at a time, so that nobody waits behind a whole window of another. */
const DEVICE_MESSAGES = 64;
const DEVICE_BYTES = 4096 * KIB;
const BATCH_BYTES = 8192 * KIB;
const BATCH_DEVICES = 16;
/** Waiting messages of one device: four of entries, eight parts, and room for questions. */
const MAX_MESSAGES = 64;
/** A device heard within this time has a share of the room. */
const ACTIVE_MS = 10_000;

interface Queue {
  messages: UpMessage[];
  bytes: number;
}

/**
 * What has arrived and is not stored yet, by device: bounded for each and for all together, taken in
 * turn. Credit shares the room among the devices that are sending.
 */
export class DeviceQueues {
  readonly #creditBytes: number;
  readonly #maxBytes: number;
  readonly #clock: Clock;
  /** The device whose turn is next comes first. */
  readonly #queues = new Map<string, Queue>();
  /** When each device was heard last, longest ago first. */
  readonly #heardUs = new Map<string, number>();
  #bytes = 0;
  #wake: () => void = () => {};

  constructor(limits: { creditBytes: number; queuedBytes: number }, clock: Clock) {
    this.#creditBytes = limits.creditBytes;
    this.#maxBytes = limits.queuedBytes;
    this.#clock = clock;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** False: there is no room for it; a device that keeps within its credit never sees that. */
  add(dev: string, message: UpMessage): boolean {
    this.#heardUs.delete(dev);
    this.#heardUs.set(dev, this.#clock.monoUs());
    const queue = this.#queues.get(dev) ?? { messages: [], bytes: 0 };
    const bytes = queue.bytes + message.payload.length;
    const maxOwn = this.#creditBytes + MAX_UNANSWERED_ENTRIES * MAX_ENTRIES_BYTES + MAX_PART_BYTES;
    const isFull =
      queue.messages.length >= MAX_MESSAGES ||
      bytes > maxOwn ||
      this.#bytes + message.payload.length > this.#maxBytes;
    if (isFull) return false;
    queue.messages.push(message);
    queue.bytes = bytes;
    this.#bytes += message.payload.length;
    this.#queues.set(dev, queue);
    this.#wake();
    return true;
  }

  /** The next messages, in turn; empty when nothing waits. Their bytes take up room until `release`. */
  take(): DeviceBatch[] {
    const creditBytes = this.#creditShare();
    const batches: DeviceBatch[] = [];
    let bytes = 0;
    for (const [dev, queue] of [...this.#queues].slice(0, BATCH_DEVICES)) {
      if (bytes >= BATCH_BYTES) break;
      const queuedBytes = queue.bytes;
      const messages = takeFrom(queue);
      bytes += queuedBytes - queue.bytes;
      batches.push({ dev, creditBytes, messages });
      this.#queues.delete(dev);
      if (queue.messages.length > 0) this.#queues.set(dev, queue);
    }
    return batches;
  }

  /** Messages of so many bytes are stored, and their memory is free. */
  release(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Resolves when something waits, after `timeoutMs`, or when `signal` aborts. */
  async waitForMail(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#queues.size > 0 || signal.aborted) return;
    const waiting = new AbortController();
    const arrived = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const timeout = this.#clock.sleep(timeoutMs, AbortSignal.any([signal, waiting.signal])).catch(() => {});
    await Promise.race([arrived, timeout]);
    this.#wake = () => {};
    waiting.abort();
  }

  /** An equal share of half the room, so that all windows of all active devices fit. */
  #creditShare(): number {
    const since = this.#clock.monoUs() - ACTIVE_MS * 1000;
    for (const [dev, us] of this.#heardUs) {
      if (us >= since) break;
      this.#heardUs.delete(dev);
    }
    const share = Math.floor(this.#maxBytes / 2 / Math.max(this.#heardUs.size, 1));
    return Math.max(Math.min(share, this.#creditBytes), SMALL_PART_BYTES);
  }
}

function takeFrom(queue: Queue): UpMessage[] {
  let bytes = 0;
  let count = 0;
  for (const { payload } of queue.messages) {
    if (count === DEVICE_MESSAGES || (count > 0 && bytes + payload.length > DEVICE_BYTES)) break;
    bytes += payload.length;
    count++;
  }
  queue.bytes -= bytes;
  return queue.messages.splice(0, count);
}

import type { Clock } from "../../config/base/clock.ts";
import type { AgentError } from "../../config/base/errors.ts";
import { ThreadClient, transferable } from "../../config/threads/thread-rpc.ts";
import type { Range } from "../bytes/ranges.ts";
import type { AppendableBody, PendingMediaBody } from "../entry/types.ts";
import type { Appended, AppendedMedia, EvidenceWriter } from "../entry/writer.ts";
import type { CheckpointRow } from "./db/reader.ts";
import type { ClockVoucher } from "./writer/clock-origin.ts";
import type { Purged, ReceiptOutcome } from "./writer/custody.ts";
import type { LedgerOptions } from "./writer/options.ts";
import type { Growth, WriterOperations } from "./writer/writer-thread.ts";

/** Signatures leave much behind that lives for a moment: a small young generation keeps it from piling up. */
const HEAP = { maxYoungGenerationSizeMb: 1 };
const WRITER = new URL("./writer/writer-thread.js", import.meta.url);

/**
 * The main thread's handle of a device's ledger: every call runs in the writer thread, in the order
 * made, and is durable when answered. Reads go through a `LedgerReader` beside it.
 */
export class Ledger implements EvidenceWriter {
  readonly dataDir: string;
  readonly dev: string;
  /** `t.boot` of this run. */
  readonly boot: string;
  readonly #thread: ThreadClient<WriterOperations, Growth>;
  readonly #clock: Clock;
  readonly #startUs: number;
  readonly #listeners: Set<(size: number) => void>;
  #lastAppendUs: number;

  private constructor(
    thread: ThreadClient<WriterOperations, Growth>,
    dataDir: string,
    clock: Clock,
    about: { dev: string; boot: string; startUs: number },
    listeners: Set<(size: number) => void>,
  ) {
    this.#thread = thread;
    this.dataDir = dataDir;
    this.#clock = clock;
    this.dev = about.dev;
    this.boot = about.boot;
    this.#startUs = about.startUs;
    this.#listeners = listeners;
    this.#lastAppendUs = this.monoUs();
  }

  /**
   * Opens the ledger in a thread of its own, beginning it or settling what an interrupted run left.
   * Rejects with `store-locked`, `wrong-device-key`, `key-unreadable`, `ledger-write-failed` …
   */
  static async open(options: LedgerOptions, clock: Clock): Promise<Ledger> {
    const listeners = new Set<(size: number) => void>();
    const tell = ({ size }: Growth) => {
      for (const listener of listeners) listener(size);
    };
    const thread = new ThreadClient<WriterOperations, Growth>(WRITER, null, tell, HEAP);
    try {
      const about = await thread.call("open", [options]);
      return new Ledger(thread, options.dataDir, clock, about, listeners);
    } catch (error) {
      await thread.terminate();
      throw error;
    }
  }

  /** `t.mono_us` now. */
  monoUs(): number {
    return this.#clock.monoUs() - this.#startUs;
  }

  /** `t.mono_us` of the last entry that was asked for through this handle. */
  get lastAppendUs(): number {
    return this.#lastAppendUs;
  }

  append(body: AppendableBody): Promise<Appended> {
    this.#lastAppendUs = this.monoUs();
    return this.#thread.call("append", [body]);
  }

  appendMedia(body: PendingMediaBody, content: readonly Uint8Array[]): Promise<AppendedMedia> {
    this.#lastAppendUs = this.monoUs();
    const owned = content.map(transferable);
    return this.#thread.call(
      "appendMedia",
      [body, owned],
      owned.map(({ buffer }) => buffer),
    );
  }

  appendStored(bodies: readonly AppendableBody[]): Promise<Appended[]> {
    this.#lastAppendUs = this.monoUs();
    return this.#thread.call("appendStored", [[...bodies]]);
  }

  /** Rejects with `bad-receipt`, `unknown-custody-key` or `receipt-mismatch`. */
  addReceipt(envelope: string): Promise<ReceiptOutcome> {
    return this.#thread.call("addReceipt", [envelope]);
  }

  /** Number of lines that were new. Rejects with `unknown-checkpoint`, `unknown-witness`, `bad-cosignature` or `bad-note`. */
  addCosignatures(size: number, lines: string[]): Promise<number> {
    return this.#thread.call("addCosignatures", [size, lines]);
  }

  /** Signs a purge, then deletes. `receipt` is a hex digest. Rejects with `purge-refused`. */
  purge(request: {
    seqs: readonly Range[];
    reason: string;
    policy: string;
    receipt: string;
  }): Promise<Purged> {
    const seqs = request.seqs.map(([from, to]): [number, number] => [from, to]);
    return this.#thread.call("purge", [{ ...request, seqs }]);
  }

  /** Resolves when the writer thread has done everything before: it lives, and does not hang. */
  answer(): Promise<void> {
    return this.#thread.call("answer", []);
  }

  /** Somebody vouches for the wall clock: from the next entry on `t.src` says so, as long as it agrees. */
  vouchClock(voucher: ClockVoucher): Promise<void> {
    return this.#thread.call("vouchClock", [voucher]);
  }

  /** The checkpoint of the present size. */
  checkpoint(): Promise<CheckpointRow> {
    return this.#thread.call("checkpoint", []);
  }

  /** Calls `listener` with the size after each commit; returns the function that stops it. */
  onGrowth(listener: (size: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the writer thread is gone: after `end`, or because it died. */
  get ended(): Promise<AgentError> {
    return this.#thread.ended;
  }

  /** Writes `ledger.close` and its checkpoint. Cosignatures are still taken until `end`. */
  close(reason: string): Promise<CheckpointRow> {
    return this.#thread.call("close", [reason]);
  }

  /** Closes the database and ends the thread. */
  async end(): Promise<void> {
    await this.#thread.call("end", []);
    await this.#thread.terminate();
  }
}

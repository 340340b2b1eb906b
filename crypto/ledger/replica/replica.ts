import { mkdirSync } from "node:fs";
import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { RangeSet } from "../../bytes/ranges.ts";
import type { SigningKey } from "../../keys/ed25519.ts";
import { PLAIN_NOTE, type VerifierKey, verifierKey } from "../../keys/vkey.ts";
import { MediaStore } from "../../media/store.ts";
import type { RawEntry } from "../../proof/chain-checker.ts";
import { LedgerStore } from "../db/store.ts";
import type { MediaRow } from "../db/tables/media.ts";
import { ForkProofs } from "./fork-proofs.ts";
import { Holdings } from "./holdings.ts";
import { IncomingMedia } from "./media/incoming-media.ts";
import { ReceiptBook } from "./receipt-book.ts";
import { ReplicaRules } from "./replica-rules.ts";
import { type EntriesOutcome, VerifiedEntries } from "./verified-entries.ts";
import { type OfferOutcome, Witness } from "./witness.ts";

/** A key and the name that it signs under. */
export interface NamedKey {
  name: string;
  key: SigningKey;
}

export interface ReplicaOptions {
  /** `devices/<dev>`: the layout of a device's own data directory. Made if it is missing. */
  dataDir: string;
  device: VerifierKey;
  custody: NamedKey;
  witness: NamedKey;
  /** Other witnesses whose cosignatures are kept. */
  otherWitnesses: readonly VerifierKey[];
  /** Nothing is taken that would leave fewer bytes than this free. */
  keepFreeBytes: number;
  clock: Clock;
}

export interface Taken extends EntriesOutcome {
  /** Seqs of new entries whose media was held already. */
  complete: number[];
}

export interface SettledMedia {
  /** Seqs whose media is held now. */
  complete: number[];
  /** Digests of files dropped because their bytes were not what the name says. */
  damaged: string[];
  failed: { digest: string; error: AgentError }[];
}

/**
 * A receiver's verified copy of one device's ledger and media. Everything it answers is durable;
 * after a crash at any point it opens with what it had answered.
 */
export class Replica {
  readonly #store: LedgerStore;
  readonly #media: MediaStore;
  readonly #forks: ForkProofs;
  readonly #entries: VerifiedEntries;
  readonly #witness: Witness;
  readonly #receipts: ReceiptBook;
  readonly #holdings: Holdings;
  readonly #incoming: IncomingMedia;
  readonly #keepFreeBytes: number;

  private constructor(store: LedgerStore, options: ReplicaOptions) {
    const { dataDir, device, custody, witness, otherWitnesses, keepFreeBytes, clock } = options;
    const dev = device.key.deviceId;
    this.#store = store;
    this.#keepFreeBytes = keepFreeBytes;
    this.#media = new MediaStore(dataDir);
    this.#forks = new ForkProofs(dataDir);
    const custodyVkey = verifierKey(custody.name, PLAIN_NOTE, custody.key.publicKey);
    this.#entries = new VerifiedEntries(
      store,
      device,
      this.#forks,
      new ReplicaRules(store.reader, custodyVkey),
    );
    this.#witness = new Witness({
      store,
      device,
      ...witness,
      others: otherWitnesses,
      clock,
      forks: this.#forks,
    });
    this.#receipts = new ReceiptBook({ store, dev, ...custody, clock });
    this.#holdings = Holdings.survey(store.reader, this.#media, this.#receipts.covered);
    this.#incoming = IncomingMedia.open(dataDir, this.#media, keepFreeBytes, (digest) => {
      const row = this.#announced(digest);
      return row === null || this.#holdings.holds(row) ? null : row.bytes;
    });
  }

  /** Opens or begins the replica, settling what an interrupted run left. */
  static open(options: ReplicaOptions): Replica {
    mkdirSync(options.dataDir, { recursive: true, mode: 0o750 });
    const store = LedgerStore.open(options.dataDir);
    try {
      return new Replica(store, options);
    } catch (error) {
      store.close();
      throw error;
    }
  }

  get size(): number {
    return this.#store.size;
  }

  root(): Buffer {
    return this.#store.root();
  }

  /** The newest checkpoint note held, with its cosignatures. */
  newestCheckpoint(): string | null {
    return this.#store.reader.newestCheckpoint()?.note ?? null;
  }

  /** Seqs whose media is held; seqs without media count as held. */
  get held(): RangeSet {
    return this.#holdings.held;
  }

  /** How many entries lack their media. */
  get missingCount(): number {
    return this.#holdings.missingCount;
  }

  /** Files whose rivals or checkpoints prove a fork. */
  get forkCount(): number {
    return this.#forks.count;
  }

  get isDiskFull(): boolean {
    return this.#media.freeBytes() < this.#keepFreeBytes;
  }

  /** Takes the entries of one message; `from` is the seq of the first. */
  append(from: number, raws: readonly RawEntry[]): Taken {
    if (this.isDiskFull) {
      const refusal = new AgentError("disk-full", `${this.#keepFreeBytes} bytes are kept back`);
      return { added: 0, problems: [], refusal, complete: [] };
    }
    const outcome = this.#entries.append(from, raws);
    return { ...outcome, complete: this.#holdings.grow() };
  }

  /** Takes a checkpoint note. Throws `bad-entry` or `fork`. */
  offer(note: string): OfferOutcome {
    return this.#witness.offer(note);
  }

  /**
   * Takes a part; it is durable once `settle` has resolved. Answers the seqs that are complete when the
   * file was held already, else none. Throws `unannounced`, `disk-full`, `too-many-gaps` or `media-write-failed`.
   */
  write(digest: string, offset: number, part: Uint8Array): number[] {
    const row = this.#announced(digest);
    if (row === null || offset + part.length > row.bytes) {
      const why = row === null ? "no entry names it" : `${offset + part.length} of ${row.bytes} bytes`;
      throw new AgentError("unannounced", `${digest}: ${why}`);
    }
    if (this.#holdings.holds(row)) return this.#store.reader.media.naming(digest).map(({ seq }) => seq);
    this.#incoming.write(digest, row.bytes, offset, part);
    return [];
  }

  /** Makes all parts written so far durable together, and names the files that are whole. */
  async settle(): Promise<SettledMedia> {
    const { whole, damaged, failed } = await this.#incoming.settle();
    return { complete: whole.flatMap((digest) => this.#holdings.complete(digest)), damaged, failed };
  }

  /** Bytes held of an unfinished file; null: nothing of it, or all. */
  heldOf(digest: string): RangeSet | null {
    return this.#incoming.heldOf(digest);
  }

  /** Unfinished files, the last touched first. */
  unfinished(): [digest: string, held: RangeSet][] {
    return this.#incoming.unfinished();
  }

  /** Digests of missing media, newest entry first, at most `limit`. */
  missing(limit: number): string[] {
    return this.#holdings.missing(limit).map(({ digest }) => digest);
  }

  /** A new receipt, stored. Null: nothing is newly held, or it is too early. */
  issueReceipt(): string | null {
    return this.#receipts.issue(this.#holdings);
  }

  /** When a receipt is owed, on the monotonic clock; null: none is. */
  receiptDueUs(): number | null {
    return this.#holdings.fresh.count === 0 ? null : this.#receipts.earliestNextUs;
  }

  /** Receipts that together cover all receipted media, oldest first, at most 16. */
  receipts(): string[] {
    return this.#receipts.standing;
  }

  close(): void {
    this.#store.close();
  }

  #announced(digest: string): MediaRow | null {
    return this.#store.reader.media.firstNaming(digest);
  }
}

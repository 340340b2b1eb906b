import { type JsonObject, parseBody } from "../../bytes/canonical.ts";
import type { VerifierKey } from "../../keys/vkey.ts";
import { EntryRules, type Records } from "../../proof/rules/entry-rules.ts";
import type { Problem } from "../../proof/verdict.ts";
import type { LedgerReader } from "../db/reader.ts";
import type { NewEntry } from "../db/store.ts";

/**
 * Entries read again to know what is open; a recording of 4 h has a quarter of it. Where something was
 * left open longer ago, §5 is left to the verifier.
 */
const MAX_REPLAYED = 40_000;
const BATCH = 1_000;
const BATCH_BYTES = 1024 * 1024;

/**
 * Ledger-format §5 for a replica. Breaches are reported, never refused: refusing one would block the
 * ledger for ever.
 */
export class ReplicaRules {
  readonly #reader: LedgerReader;
  readonly #custody: VerifierKey;
  readonly #rules: EntryRules;
  /** The rules have seen what is below, as far as it matters. */
  #firstUnread: number;
  /** Seq of the entry at hand: the records answer for what lies below it. */
  #at = 0;

  constructor(reader: LedgerReader, custody: VerifierKey) {
    this.#reader = reader;
    this.#custody = custody;
    this.#rules = new EntryRules(this.#records(), [custody]);
    this.#firstUnread = this.#oldestOpen();
  }

  /** Breaches in entries that were just stored. */
  check(entries: readonly NewEntry[]): Problem[] {
    const first = entries[0]?.seq ?? 0;
    if (first - this.#firstUnread > MAX_REPLAYED) return [];
    this.#replay(first);
    const problems = entries.flatMap(({ seq, parsed }) => this.#checkOne(seq, parsed));
    this.#firstUnread = first + entries.length;
    return problems;
  }

  #checkOne(seq: number, body: JsonObject): Problem[] {
    this.#at = seq;
    const problems = this.#rules.check({ seq, body });
    // receipts of other receivers are kept by them
    return problems.filter(({ code }) => code !== "receipt-missing" || body.receiver === this.#custody.name);
  }

  /** Reads what the rules must have seen before entry `end`. */
  #replay(end: number): void {
    for (let at = this.#firstUnread; at < end; ) {
      const batch = this.#reader.entries(at, Math.min(BATCH, end - at), BATCH_BYTES);
      for (const { seq, body } of batch) this.#checkOne(seq, parseBody(body));
      at += batch.length;
    }
  }

  #oldestOpen(): number {
    return this.#reader.recordings.open()[0]?.startSeq ?? this.#reader.size();
  }

  #records(): Records {
    const reader = this.#reader;
    const isBelow = (seq: number | null) => seq !== null && seq < this.#at;
    return {
      hasRecording: (rec) => isBelow(reader.recordings.startedAt(rec)),
      receipt: (digest) => reader.receipts.envelope(digest),
      isReceiptNamed: (digest) => isBelow(reader.receipts.namedAt(digest)),
      endedImport: (rec) => {
        const ended = reader.imports.ended(rec);
        return ended !== null && isBelow(ended.stopSeq) ? ended : null;
      },
      firstMediaWithin: (from, to) => reader.media.within(from, to, "oldest", 1)[0]?.seq ?? null,
    };
  }
}

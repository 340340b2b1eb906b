import { type Range, RangeSet } from "../../../crypto/bytes/ranges.ts";
import type { LedgerReader, StoredEntry } from "../../../crypto/ledger/db/reader.ts";
import type { MediaIndex, MediaRow } from "../../../crypto/ledger/db/tables/media.ts";
import { entryLineBytes } from "../../wire/entries.ts";
import { MAX_ENTRIES_BYTES, SMALL_PART_BYTES } from "../../wire/limits.ts";
import type { Have } from "../../wire/messages.ts";
import { Held } from "./held.ts";
import { PartSize } from "./part-size.ts";
import { Suspects } from "./suspects.ts";
import { TrafficCount } from "./traffic.ts";
import { type MediaSource, type Preference, wantedMedia } from "./wanted.ts";
import { Window } from "./window.ts";

/** Rows looked at ahead; the order of preference is read again at least this often while sending. */
const MAX_CANDIDATES = 64;
const REREAD_MS = 1_000;
/** The shortest lines that fit: more entries would not be sent in one message anyway. */
const MAX_ENTRIES = 1_024;

export type OutboxLedger = MediaSource &
  Pick<LedgerReader, "size" | "entries"> & {
    readonly media: Pick<MediaIndex, "naming" | "sumWithin">;
  };

/** One part of a file, to be read from disk when it is sent. */
export interface Part {
  digest: string;
  offset: number;
  bytes: number;
}

export interface EntryBatch {
  from: number;
  entries: StoredEntry[];
}

/** Asked whenever candidates are chosen: recordings first of all, then by preference. */
export type SendOrder = () => { first: readonly string[]; order: readonly Preference[] };

/**
 * What is still to be sent: a cursor over the ledger, made of what the receiver holds and what is in
 * flight. Nothing is queued, so nothing grows while there is no connection.
 */
export class Outbox {
  readonly held = new Held();
  readonly window = new Window();
  readonly suspects = new Suspects();
  readonly traffic = new TrafficCount();
  readonly #ledger: OutboxLedger;
  readonly #order: SendOrder;
  readonly #partSize: PartSize;
  /** Seqs with nothing to send any more, though the receiver does not call them done: purged here. */
  readonly #gone = new RangeSet();
  #candidates: MediaRow[] = [];
  #candidatesReadMs = Number.NEGATIVE_INFINITY;
  #isStale = true;

  constructor(ledger: OutboxLedger, order: SendOrder, keepaliveS: number) {
    this.#ledger = ledger;
    this.#order = order;
    this.#partSize = new PartSize(keepaliveS);
  }

  /**
   * Takes in what the receiver says it holds; `isAnswer` marks the answer to a hello, after which all that
   * it does not cover counts as lost. Answers whether anything was new.
   */
  learn(have: Have, isAnswer: boolean, nowMs: number): boolean {
    const before = { size: this.held.size, done: this.held.done.size };
    if (isAnswer) this.held.replace(have);
    else this.held.merge(have);
    this.#isStale = true;
    const settled = this.#settle(nowMs);
    if (isAnswer) this.window.clear();
    return settled || this.held.size > before.size || this.held.done.size > before.done;
  }

  /** The next entries in order, or null: none, or too many messages unanswered. */
  nextEntries(maxBytes: number): EntryBatch | null {
    if (!this.window.hasRoomForEntries) return null;
    const from = this.#nextEntry();
    if (from >= this.#ledger.size()) return null;
    const limit = Math.min(maxBytes, MAX_ENTRIES_BYTES);
    const entries: StoredEntry[] = [];
    let bytes = 0;
    for (const entry of this.#ledger.entries(from, MAX_ENTRIES, limit)) {
      bytes += entryLineBytes(entry);
      if (entries.length > 0 && bytes > limit) break;
      entries.push(entry);
    }
    return { from, entries };
  }

  sentEntries({ from, entries }: EntryBatch, nowMs: number): void {
    this.window.addEntries({ from, to: from + entries.length, sentMs: nowMs });
    this.traffic.addEntries(
      entries.length,
      entries.reduce((sum, entry) => sum + entryLineBytes(entry), 0),
    );
  }

  /** The part most wanted now, of at most `maxBytes`; null: none, or no room for it in window and credit. */
  nextPart(maxBytes: number, nowMs: number): Part | null {
    const room = Math.min(this.window.roomForPart(this.held.credit), maxBytes);
    if (room <= 0 || this.#hasUnsentEntries()) return null;
    this.#noticeTime(nowMs);
    if (this.#isStale && nowMs - this.#candidatesReadMs >= REREAD_MS) this.#readCandidates(nowMs);
    const part = this.#firstPart(room, nowMs);
    if (part !== null || !this.#isStale) return part;
    this.#readCandidates(nowMs);
    return this.#firstPart(room, nowMs);
  }

  sentPart({ digest, offset, bytes }: Part, nowMs: number): void {
    this.window.addPart({ digest, offset, bytes, sentMs: nowMs });
    this.traffic.addPart(digest, offset, bytes);
  }

  /** No answer came in time. */
  timedOut(): void {
    if (this.window.parts.length > 0) this.#partSize.timedOut();
  }

  /** The receiver dropped the file: nothing of it is held or under way. */
  dropped(digest: string): void {
    this.held.forget(digest);
    this.window.takeParts((part) => part.digest === digest);
    this.#isStale = true;
  }

  /** What the receiver does not hold yet, of everything that is still here. */
  backlog(): { entries: number; bytes: number; firstSeq: number | null } {
    const size = this.#ledger.size();
    const { bytes, firstSeq } = this.#ledger.media.sumWithin(this.#unsettled(size));
    const first = Math.min(this.held.size < size ? this.held.size : Infinity, firstSeq ?? Infinity);
    return {
      entries: Math.max(size - this.held.size, 0),
      bytes,
      firstSeq: first === Infinity ? null : first,
    };
  }

  /** What is sent, and in which order, is another from now on. */
  orderChanged(): void {
    this.#isStale = true;
    this.#candidatesReadMs = Number.NEGATIVE_INFINITY;
  }

  /** What the receiver lacks, in the order that it would go; a row may come twice. */
  *waiting(order: readonly Preference[], first: readonly string[]): Generator<MediaRow> {
    const gaps = [...this.#unsettled(this.#ledger.size())];
    for (const row of wantedMedia(this.#ledger, gaps, order, first)) if (!row.purged) yield row;
  }

  /** True if media is wanted by the receiver that nothing here keeps back. */
  hasMediaToSend(nowMs: number): boolean {
    this.#noticeTime(nowMs);
    if (this.#isStale) this.#readCandidates(nowMs);
    return this.#candidates.some((row) => this.#isOpen(row, nowMs));
  }

  #nextEntry(): number {
    return this.window.entries.at(-1)?.to ?? this.held.size;
  }

  #hasUnsentEntries(): boolean {
    return this.#nextEntry() < this.#ledger.size();
  }

  /** A file that was held back for a time may be a candidate again. */
  #noticeTime(nowMs: number): void {
    const { holdEndsMs } = this.suspects;
    if (holdEndsMs !== null && holdEndsMs <= nowMs) this.#isStale = true;
  }

  /** Seqs below `size` whose media may still have to be sent. */
  *#unsettled(size: number): Generator<Range> {
    for (const [from, to] of this.held.done.missing(0, size)) yield* this.#gone.missing(from, to);
  }

  /** Removes from the window what is held now, and measures how fast that went. */
  #settle(nowMs: number): boolean {
    const parts = this.window.takeParts((part) => this.#isHeld(part));
    const entries = this.window.takeEntries(({ to }) => to <= this.held.size);
    for (const { windowBytes, sentMs } of parts) this.#partSize.answered(windowBytes, nowMs - sentMs);
    return parts.length > 0 || entries.length > 0;
  }

  #isHeld({ digest, offset, bytes }: Part): boolean {
    return this.held.bytesOf(digest)?.covers(offset, offset + bytes) === true || this.#isDone(digest);
  }

  /** True if the receiver holds the file whole, under whatever entry. */
  #isDone(digest: string): boolean {
    const rows = this.#ledger.media.naming(digest);
    if (!rows.some(({ seq }) => this.held.done.has(seq))) return false;
    // under one name is under all that the receiver knows
    for (const { seq } of rows) if (seq < this.held.size) this.held.done.add(seq, seq + 1);
    this.held.forget(digest);
    this.suspects.settled(digest);
    return true;
  }

  #readCandidates(nowMs: number): void {
    this.#candidates = [];
    this.#candidatesReadMs = nowMs;
    this.#isStale = false;
    const seen = new Set<string>();
    const { first, order } = this.#order();
    for (const row of wantedMedia(this.#ledger, [...this.#unsettled(this.held.size)], order, first)) {
      if (seen.has(row.digest)) continue;
      seen.add(row.digest);
      if (this.#isOpen(row, nowMs)) this.#candidates.push(row);
      if (this.#candidates.length >= MAX_CANDIDATES) return;
    }
  }

  #isOpen(row: MediaRow, nowMs: number): boolean {
    if (row.purged) this.#gone.add(row.seq, row.seq + 1);
    return !row.purged && !this.suspects.isKeptBack(row.digest, nowMs) && !this.#isDone(row.digest);
  }

  #firstPart(room: number, nowMs: number): Part | null {
    for (const row of this.#candidates) {
      if (this.held.done.has(row.seq) || this.suspects.isKeptBack(row.digest, nowMs)) continue;
      const part = this.#partOf(row);
      if (part === null) continue;
      if (part.bytes <= room) return part;
      // with nothing in flight, waiting would bring no more room
      return this.window.parts.length === 0 ? { ...part, bytes: room } : null;
    }
    return null;
  }

  /** The first missing part of a file; null while its probe is unanswered, or all of it is under way. */
  #partOf({ digest, bytes }: MediaRow): Part | null {
    const inFlight = this.window.parts.filter((part) => part.digest === digest);
    const held = this.held.bytesOf(digest);
    if (held === null) {
      return inFlight.length > 0 ? null : { digest, offset: 0, bytes: Math.min(bytes, SMALL_PART_BYTES) };
    }
    const covered = RangeSet.of([
      ...held,
      ...inFlight.map((part) => [part.offset, part.offset + part.bytes] as const),
    ]);
    for (const [from, to] of covered.missing(0, bytes)) {
      return { digest, offset: from, bytes: Math.min(to - from, this.#partSize.bytes) };
    }
    return null;
  }
}

import {
  MAX_UNANSWERED_ENTRIES,
  MAX_WINDOW_BYTES,
  MAX_WINDOW_PARTS,
  SMALL_PART_BYTES,
} from "../../wire/limits.ts";

export interface PartInFlight {
  digest: string;
  offset: number;
  bytes: number;
  sentMs: number;
  /** Media in flight once this was sent, itself included. */
  windowBytes: number;
}

/** Entries `[from, to)` in one message. */
export interface EntriesInFlight {
  from: number;
  to: number;
  sentMs: number;
}

/** What was sent and not yet answered by the receiver; a broker's PUBACK answers nothing. */
export class Window {
  #parts: PartInFlight[] = [];
  #entries: EntriesInFlight[] = [];

  get parts(): readonly PartInFlight[] {
    return this.#parts;
  }

  get entries(): readonly EntriesInFlight[] {
    return this.#entries;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0 && this.#entries.length === 0;
  }

  get mediaBytes(): number {
    return this.#parts.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** The message in flight that was sent first; null when there is none. */
  get oldest(): PartInFlight | EntriesInFlight | null {
    const part = this.#parts[0] ?? null;
    const entries = this.#entries[0] ?? null;
    if (part === null || entries === null) return part ?? entries;
    return part.sentMs <= entries.sentMs ? part : entries;
  }

  get hasRoomForEntries(): boolean {
    return this.#entries.length < MAX_UNANSWERED_ENTRIES;
  }

  /** The largest part that may be sent now with this credit; 0: none. Positive credit always lets one small part go. */
  roomForPart(credit: number): number {
    if (credit <= 0 || this.#parts.length >= MAX_WINDOW_PARTS) return 0;
    const least = this.#parts.length === 0 ? SMALL_PART_BYTES : 0;
    return Math.max(Math.min(MAX_WINDOW_BYTES, credit) - this.mediaBytes, least);
  }

  addPart(part: Omit<PartInFlight, "windowBytes">): void {
    this.#parts.push({ ...part, windowBytes: this.mediaBytes + part.bytes });
  }

  addEntries(entries: EntriesInFlight): void {
    this.#entries.push(entries);
  }

  /** Removes and returns the parts that `isAnswered`. */
  takeParts(isAnswered: (part: PartInFlight) => boolean): PartInFlight[] {
    const taken = this.#parts.filter(isAnswered);
    if (taken.length > 0) this.#parts = this.#parts.filter((part) => !taken.includes(part));
    return taken;
  }

  /** Removes and returns the entries messages that `isAnswered`. */
  takeEntries(isAnswered: (entries: EntriesInFlight) => boolean): EntriesInFlight[] {
    const taken = this.#entries.filter(isAnswered);
    if (taken.length > 0) this.#entries = this.#entries.filter((entries) => !taken.includes(entries));
    return taken;
  }

  clear(): void {
    this.#parts = [];
    this.#entries = [];
  }
}

import { RangeSet } from "../../../crypto/bytes/ranges.ts";
import type { Have } from "../../wire/messages.ts";

/** Files remembered as unfinished; one forgotten is only asked about again. */
const MAX_FILES = 256;

/** What the receiver has said it holds. Unlisted means unknown, not missing. */
export class Held {
  /** Entries. */
  size = 0;
  /** Seqs whose media is complete; seqs without media count as complete. */
  done = new RangeSet();
  /** Bytes of unanswered media allowed. */
  credit = 0;
  /** Byte ranges of unfinished files, by digest. */
  #parts = new Map<string, RangeSet>();

  /** The answer to a hello replaces all that was known. */
  replace({ size, done, parts, credit }: Have): void {
    this.size = size;
    this.done = done;
    this.#parts = new Map(parts);
    this.credit = credit;
  }

  /** Any other `have` adds: one that was overtaken on the way must not take anything back. */
  merge({ size, done, parts, credit }: Have): void {
    this.size = Math.max(this.size, size);
    for (const [from, to] of done) this.done.add(from, to);
    for (const [digest, ranges] of parts) {
      const known = this.#parts.get(digest) ?? new RangeSet();
      for (const [from, to] of ranges) known.add(from, to);
      this.#parts.set(digest, known);
    }
    for (const digest of this.#parts.keys()) {
      if (this.#parts.size <= MAX_FILES) break;
      this.#parts.delete(digest);
    }
    this.credit = credit;
  }

  /** Bytes held of an unfinished file; null when the receiver did not list it. */
  bytesOf(digest: string): RangeSet | null {
    return this.#parts.get(digest) ?? null;
  }

  forget(digest: string): void {
    this.#parts.delete(digest);
  }
}

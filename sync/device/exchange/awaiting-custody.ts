import type { RangeSet } from "../../../crypto/bytes/ranges.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import type { MediaIndex } from "../../../crypto/ledger/db/tables/media.ts";
import type { Receipt } from "../../../crypto/proof/receipt.ts";
import { ANSWER_TIMEOUT_MS } from "./asking.ts";

/** A receiver gives receipts at most every 10 s: two of them may have been due when it is asked for them. */
const RECEIPT_WAIT_MS = 20_000;

export type CustodyLedger = Pick<LedgerReader, "newestCheckpoint" | "newestCosigned"> & {
  readonly media: Pick<MediaIndex, "within">;
};

/** What others still have to sign: receipts for media they hold, cosignatures for checkpoints they were sent. */
export class AwaitingCustody {
  readonly #ledger: CustodyLedger;
  readonly #pinned: { custody: boolean; witness: boolean };
  readonly #covered: RangeSet;
  /** Size of the largest checkpoint that a pinned witness has cosigned. */
  #cosignedSize: number;
  /** The last checkpoint sent on this connection. */
  #sent: { size: number; sentMs: number } | null = null;
  /** Since when media is held without a receipt, counted anew from every receipt. */
  #receiptDueSinceMs: number | null = null;

  /**
   * `covered`: seqs whose media the receipts stored here cover. `pinned`: whether there are keys whose
   * signatures would count; without them none is waited for.
   */
  constructor(ledger: CustodyLedger, covered: RangeSet, pinned: { custody: boolean; witness: boolean }) {
    this.#ledger = ledger;
    this.#pinned = pinned;
    this.#covered = covered;
    this.#cosignedSize = ledger.newestCosigned()?.size ?? 0;
  }

  /** The newest checkpoint that the receiver can judge, if it was not sent yet on this connection. */
  nextCheckpoint(heldSize: number): { size: number; note: string } | null {
    const row = this.#ledger.newestCheckpoint(heldSize);
    return row !== null && row.size > Math.max(this.#cosignedSize, this.#sent?.size ?? 0) ? row : null;
  }

  sentCheckpoint(size: number, nowMs: number): void {
    this.#sent = { size, sentMs: nowMs };
  }

  /** Cosignature lines for this size are stored. Answers whether none for a larger one were before. */
  cosigned(size: number): boolean {
    if (size <= this.#cosignedSize) return false;
    this.#cosignedSize = size;
    return true;
  }

  /** A receipt came and verified. Answers whether it covers anything new. */
  receipted(receipt: Receipt): boolean {
    const before = this.#covered.size;
    for (const [from, to] of receipt.media) this.#covered.add(from, to);
    if (this.#covered.size === before) return false;
    this.#receiptDueSinceMs = null;
    return true;
  }

  /** What was sent counts as lost: the receiver has answered a later hello, or the connection is gone. */
  forgetSent(): void {
    if (this.#sent !== null && this.#sent.size > this.#cosignedSize) this.#sent = null;
  }

  /** True if every checkpoint up to the newest has what it needs. */
  isCosigned(): boolean {
    return !this.#pinned.witness || (this.#ledger.newestCheckpoint()?.size ?? 0) <= this.#cosignedSize;
  }

  /** True if receipts cover all media of the first `size` entries. */
  isCovered(size: number): boolean {
    if (!this.#pinned.custody) return true;
    for (const [from, to] of this.#covered.missing(0, size)) {
      if (this.#ledger.media.within(from, to, "newest", 1).length > 0) return false;
    }
    return true;
  }

  /** When the receiver should be asked again for signatures that did not come; null: none is missing. */
  askMs(done: RangeSet, heldSize: number, nowMs: number): number | null {
    const isReceiptMissing = this.#pinned.custody && this.#heldWithoutReceipt(done, heldSize);
    if (!isReceiptMissing) this.#receiptDueSinceMs = null;
    else this.#receiptDueSinceMs ??= nowMs;
    const isUnanswered = this.#pinned.witness && this.#sent !== null && this.#sent.size > this.#cosignedSize;
    const times = [
      ...(this.#receiptDueSinceMs === null ? [] : [this.#receiptDueSinceMs + RECEIPT_WAIT_MS]),
      ...(isUnanswered && this.#sent !== null ? [this.#sent.sentMs + ANSWER_TIMEOUT_MS] : []),
    ];
    return times.length === 0 ? null : Math.min(...times);
  }

  #heldWithoutReceipt(done: RangeSet, heldSize: number): boolean {
    for (const [from, to] of done) {
      for (const [start, end] of this.#covered.missing(from, Math.min(to, heldSize))) {
        if (this.#ledger.media.within(start, end, "newest", 1).length > 0) return true;
      }
    }
    return false;
  }
}

import { errorCode } from "../../../config/base/errors.ts";
import { type Range, RangeSet } from "../../bytes/ranges.ts";
import type { CustodyPurge, CustodyReceipt } from "../../entry/types.ts";
import type { VerifierKey } from "../../keys/vkey.ts";
import { type OpenedReceipt, openReceipt } from "../receipt.ts";
import type { Problem } from "../verdict.ts";

/** What the rules of custody ask about the ledger below the entry at hand. */
export interface CustodyRecords {
  /** Envelope of the stored receipt with this hex digest, or null. */
  receipt(digest: string): string | null;
  /** True if a `custody.receipt` so far names the receipt with this hex digest. */
  isReceiptNamed(digest: string): boolean;
  /** The lowest seq in `[from, to)` whose entry names media, or null. */
  firstMediaWithin(from: number, to: number): number | null;
}

type Opened = { receipt: OpenedReceipt } | { refusal: string };

/** §7: an entry that names a receipt says what the receipt says. */
export function checkReceiptEntry(
  seq: number,
  entry: CustodyReceipt,
  records: CustodyRecords,
  custody: readonly VerifierKey[],
): Problem[] {
  const envelope = records.receipt(entry.receipt);
  if (envelope === null) {
    // whom nobody here trusts need not be kept
    if (!custody.some(({ name }) => name === entry.receiver)) return [];
    return [{ code: "receipt-missing", seq, detail: `receipt ${entry.receipt} is not stored` }];
  }
  const opened = open(envelope, custody);
  // a receipt by a stranger counts for nothing, and a bad one is reported where it is stored
  if ("refusal" in opened) return [];
  const { receiver, size } = opened.receipt;
  if (receiver === entry.receiver && size === entry.size && size <= seq) return [];
  const detail = `${entry.receiver} at ${entry.size} is named, ${receiver} at ${size} is stored`;
  return [{ code: "receipt-mismatch", seq, detail }];
}

/** §7: a purge names only what one valid receipt of this device, named before, covers. */
export function checkPurge(
  seq: number,
  dev: string,
  purge: CustodyPurge,
  records: CustodyRecords,
  custody: readonly VerifierKey[],
): Problem[] {
  const last = purge.seqs.at(-1);
  if (last !== undefined && last[1] > seq) {
    return [{ code: "purge-range", seq, detail: `purges up to ${last[1]}, beyond itself` }];
  }
  const unreceipted = (detail: string): Problem[] => [{ code: "purge-unreceipted", seq, detail }];
  const envelope = records.receipt(purge.receipt);
  if (envelope === null) return unreceipted(`receipt ${purge.receipt} is not stored`);
  const opened = open(envelope, custody);
  if ("refusal" in opened) return unreceipted(`receipt ${purge.receipt}: ${opened.refusal}`);
  const { receipt } = opened;
  if (receipt.dev !== dev) return unreceipted(`the receipt is for ${receipt.dev}`);
  if (!records.isReceiptNamed(purge.receipt))
    return unreceipted("no earlier custody.receipt names the receipt");
  const uncovered = firstUncovered(purge.seqs, receipt, records);
  return uncovered === null ? [] : unreceipted(`the receipt does not cover the media of seq ${uncovered}`);
}

function firstUncovered(
  seqs: readonly Range[],
  receipt: OpenedReceipt,
  records: CustodyRecords,
): number | null {
  for (const [from, to] of RangeSet.of(seqs)) {
    for (const [start, end] of receipt.media.missing(from, to)) {
      const seq = records.firstMediaWithin(start, end);
      if (seq !== null) return seq;
    }
  }
  return null;
}

function open(envelope: string, custody: readonly VerifierKey[]): Opened {
  try {
    return { receipt: openReceipt(envelope, custody) };
  } catch (error) {
    return { refusal: errorCode(error) };
  }
}

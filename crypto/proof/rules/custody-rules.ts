import { errorCode } from "../../../config/base/errors.ts";
import { type Range, RangeSet } from "../../bytes/ranges.ts";
import type { CustodyPurge, CustodyReceipt } from "../../entry/custody-types.ts";
import type { DockWipe } from "../../entry/dock-types.ts";
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
  /** What the ledger so far says of an import that ended; null: no such import, or no end. */
  endedImport(rec: string): EndedImport | null;
}

export interface EndedImport {
  stopSeq: number;
  /** Hex; null where the file was not imported whole. */
  fileDigest: string | null;
  /** Seqs of the entries that name its chunks. */
  chunkSeqs: readonly number[];
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
  const opened = openNamed(purge.receipt, dev, records, custody);
  if ("refusal" in opened) return unreceipted(opened.refusal);
  const { receipt } = opened;
  const uncovered = firstUncovered(purge.seqs, receipt, records);
  return uncovered === null ? [] : unreceipted(`the receipt does not cover the media of seq ${uncovered}`);
}

/**
 * A file is removed from a recorder only when the ledger holds it whole, with the digest that it still had,
 * and one valid receipt of this device, named before, covers all of that import (ledger-format §7).
 */
export function checkWipe(
  seq: number,
  dev: string,
  wipe: DockWipe,
  records: CustodyRecords,
  custody: readonly VerifierKey[],
): Problem[] {
  const unproven = (detail: string): Problem[] => [{ code: "wipe-unproven", seq, detail }];
  const imported = records.endedImport(wipe.rec);
  if (imported === null) return unproven(`${wipe.rec} is no import that has ended`);
  const { stopSeq, fileDigest, chunkSeqs } = imported;
  if (fileDigest !== wipe.file_digest)
    return unproven(`the import has digest ${fileDigest}, the wiped file had ${wipe.file_digest}`);
  const opened = openNamed(wipe.receipt, dev, records, custody);
  if ("refusal" in opened) return unproven(opened.refusal);
  const { receipt } = opened;
  if (receipt.size <= stopSeq)
    return unproven(`the receipt ends at ${receipt.size}, the import at ${stopSeq}`);
  const uncovered = chunkSeqs.find((chunk) => !receipt.media.has(chunk));
  return uncovered === undefined ? [] : unproven(`the receipt does not cover the media of seq ${uncovered}`);
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

/** The receipt with this hex digest: stored, valid, pinned, for this device, and named by an earlier entry. */
function openNamed(
  digest: string,
  dev: string,
  records: CustodyRecords,
  custody: readonly VerifierKey[],
): Opened {
  const envelope = records.receipt(digest);
  if (envelope === null) return { refusal: `receipt ${digest} is not stored` };
  const opened = open(envelope, custody);
  if ("refusal" in opened) return { refusal: `receipt ${digest}: ${opened.refusal}` };
  if (opened.receipt.dev !== dev) return { refusal: `the receipt is for ${opened.receipt.dev}` };
  if (!records.isReceiptNamed(digest)) return { refusal: "no earlier custody.receipt names the receipt" };
  return opened;
}

function open(envelope: string, custody: readonly VerifierKey[]): Opened {
  try {
    return { receipt: openReceipt(envelope, custody) };
  } catch (error) {
    return { refusal: errorCode(error) };
  }
}

import { RangeSet } from "../bytes/ranges.ts";
import type { VerifierKey } from "../keys/vkey.ts";
import { type OpenedReceipt, openReceipt } from "../proof/receipt.ts";
import type { LedgerReader } from "./db/reader.ts";

/** What receipts of pinned custody keys promise about this ledger (ledger-format §7). */

/** How many of the newest receipts are looked through: a receiver's receipts overlap almost entirely. */
const MAX_RECEIPTS_READ = 1024;

/** Receipts of pinned custody keys that custody.receipt entries name, newest first. */
export function* pinnedReceipts(
  reader: LedgerReader,
  custodyKeys: readonly VerifierKey[],
): Generator<OpenedReceipt> {
  let read = 0;
  for (const envelope of reader.namedReceipts()) {
    if (read++ >= MAX_RECEIPTS_READ) return;
    const receipt = openIfPinned(envelope, custodyKeys);
    if (receipt?.dev === reader.dev) yield receipt;
  }
}

/** Seqs whose media those receipts cover together. */
export function coveredSeqs(reader: LedgerReader, custodyKeys: readonly VerifierKey[]): RangeSet {
  const covered = new RangeSet();
  let newestSize = 0;
  for (const receipt of pinnedReceipts(reader, custodyKeys)) {
    newestSize = Math.max(newestSize, receipt.size);
    for (const [from, to] of receipt.media) covered.add(from, to);
    if (covered.covers(0, newestSize)) break;
  }
  return covered;
}

/**
 * Hex digest of the newest receipt that by itself covers a whole recording, from its start to its stop with
 * every media entry between; null while none does, or the recording has no stop. `authorises` keeps out
 * receipts that are in doubt, since their receiver has lost data.
 */
export function receiptCovering(
  reader: LedgerReader,
  custodyKeys: readonly VerifierKey[],
  { rec, stopSeq }: { rec: string; stopSeq: number | null },
  authorises: (receipt: { digest: string; size: number }) => boolean,
): string | null {
  if (stopSeq === null) return null;
  for (const { digest, size, media } of pinnedReceipts(reader, custodyKeys)) {
    if (size <= stopSeq) continue;
    const hex = digest.toString("hex");
    if (authorises({ digest: hex, size }) && coversMedia(reader, rec, media)) return hex;
  }
  return null;
}

function coversMedia(reader: LedgerReader, rec: string, media: RangeSet): boolean {
  return reader.mediaOf(rec).every(({ seq }) => media.has(seq));
}

function openIfPinned(envelope: string, custodyKeys: readonly VerifierKey[]): OpenedReceipt | null {
  try {
    return openReceipt(envelope, custodyKeys);
  } catch {
    // a key that is no longer pinned: its promises count for nothing here
    return null;
  }
}

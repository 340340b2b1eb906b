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
  for (const envelope of reader.receipts.named()) {
    if (read++ >= MAX_RECEIPTS_READ) return;
    const receipt = openIfPinned(envelope, custodyKeys);
    if (receipt?.dev === reader.dev) yield receipt;
  }
}

/** What those receipts cover together: so many entries from the first on, and the media of these seqs. */
export function coverageOf(
  reader: LedgerReader,
  custodyKeys: readonly VerifierKey[],
): { size: number; media: RangeSet } {
  const media = new RangeSet();
  let size = 0;
  for (const receipt of pinnedReceipts(reader, custodyKeys)) {
    size = Math.max(size, receipt.size);
    for (const [from, to] of receipt.media) media.add(from, to);
    if (media.covers(0, size)) break;
  }
  return { size, media };
}

/** Seqs whose media those receipts cover together. */
export function coveredSeqs(reader: LedgerReader, custodyKeys: readonly VerifierKey[]): RangeSet {
  return coverageOf(reader, custodyKeys).media;
}

function openIfPinned(envelope: string, custodyKeys: readonly VerifierKey[]): OpenedReceipt | null {
  try {
    return openReceipt(envelope, custodyKeys);
  } catch {
    // a key that is no longer pinned: its promises count for nothing here
    return null;
  }
}

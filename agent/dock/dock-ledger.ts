import type { CoveringReceipt, DockMemory, FileImport } from "../../capture/docking/docking-parts.ts";
import type { ImportSource } from "../../crypto/entry/recording-types.ts";
import type { VerifierKey } from "../../crypto/keys/vkey.ts";
import type { LedgerReader } from "../../crypto/ledger/db/reader.ts";
import { pinnedReceipts } from "../../crypto/ledger/pinned-receipts.ts";
import type { OpenedReceipt } from "../../crypto/proof/receipt.ts";

export interface DockLedgerParts {
  readonly reader: LedgerReader;
  readonly custodyKeys: readonly VerifierKey[];
  /** False for a receipt that is in doubt, since the receiver has lost data. */
  readonly authorises: (receipt: { digest: string; size: number }) => boolean;
  /** Serial numbers that the configuration names. */
  readonly recorders: ReadonlySet<string>;
}

/** A receiver's receipts overlap almost entirely: one of the newest covers what is covered. */
const RECEIPTS_KEPT = 16;

/** What the dock's own ledger remembers of recorders, their files, and who vouches for them. */
export class DockLedger implements DockMemory {
  readonly #parts: DockLedgerParts;
  /** Newest first, as of this custody.receipt entry. */
  #receipts: { asOf: number; newest: OpenedReceipt[] } = { asOf: -1, newest: [] };

  constructor(parts: DockLedgerParts) {
    this.#parts = parts;
  }

  isKnown(serial: string): boolean {
    return this.#parts.recorders.has(serial) || this.#parts.reader.imports.wasDocked(serial);
  }

  lastWearer(serial: string): string | undefined {
    return this.#parts.reader.imports.lastTaker(serial) ?? undefined;
  }

  isDoubted(serial: string): boolean {
    return this.#parts.reader.imports.isDoubted(serial);
  }

  disksOf(serial: string): readonly string[] {
    return this.#parts.reader.imports.disksOf(serial);
  }

  importOf(claim: ImportSource, fileDigest?: string): FileImport | null {
    const { imports } = this.#parts.reader;
    const row = fileDigest === undefined ? imports.whole(claim) : imports.withDigest(claim, fileDigest);
    return row === null || row.fileDigest === null ? null : { rec: row.rec, fileDigest: row.fileDigest };
  }

  unfinishedOf(claim: ImportSource): string | null {
    const row = this.#parts.reader.imports.newest(claim);
    return row !== null && row.stopSeq !== null && row.fileDigest === null ? row.rec : null;
  }

  /** Of a pinned key, not in doubt, beyond the recording's stop, and over every chunk of it. */
  receiptOf(rec: string): CoveringReceipt | null {
    const { reader, authorises } = this.#parts;
    const ended = reader.imports.ended(rec);
    if (ended === null) return null;
    const covering = this.#newestReceipts().find(
      (receipt) =>
        receipt.size > ended.stopSeq &&
        authorises({ digest: receipt.digest.toString("hex"), size: receipt.size }) &&
        ended.chunkSeqs.every((seq) => receipt.media.has(seq)),
    );
    if (covering === undefined) return null;
    const { digest, receiver, size } = covering;
    return { digest: digest.toString("hex"), receiver, size };
  }

  #newestReceipts(): readonly OpenedReceipt[] {
    const { reader, custodyKeys } = this.#parts;
    const asOf = reader.receipts.newestNamed();
    if (asOf !== this.#receipts.asOf) {
      const newest: OpenedReceipt[] = [];
      for (const receipt of pinnedReceipts(reader, custodyKeys)) {
        newest.push(receipt);
        if (newest.length >= RECEIPTS_KEPT) break;
      }
      this.#receipts = { asOf, newest };
    }
    return this.#receipts.newest;
  }
}

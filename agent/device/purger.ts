import { choosePurge, type PurgeCandidate, type PurgeRule } from "../../capture/purge.ts";
import type { Clock } from "../../config/base/clock.ts";
import type { Logger } from "../../config/base/logger.ts";
import type { VerifierKey } from "../../crypto/keys/vkey.ts";
import type { LedgerReader } from "../../crypto/ledger/db/reader.ts";
import type { Ledger } from "../../crypto/ledger/ledger.ts";
import { pinnedReceipts } from "../../crypto/ledger/pinned-receipts.ts";
import type { MediaStore } from "../../crypto/media/store.ts";
import type { OpenedReceipt } from "../../crypto/proof/receipt.ts";

export interface PurgerParts {
  ledger: Ledger;
  reader: LedgerReader;
  media: MediaStore;
  clock: Clock;
  log: Logger;
  rule: PurgeRule;
  custodyKeys: readonly VerifierKey[];
  /** False for a receipt that is in doubt, since the receiver has lost data. */
  authorises: (receipt: { digest: string; size: number }) => boolean;
}

/** Candidates looked at in one purge. */
const BATCH = 512;
/** Receipts looked through for one that covers something: a receiver's receipts overlap almost entirely. */
const MAX_RECEIPTS = 64;

/** Deletes what may go, each deletion signed first. */
export class Purger {
  readonly #parts: PurgerParts;

  constructor(parts: PurgerParts) {
    this.#parts = parts;
  }

  /** Purges until the rule is content; answers how many bytes went. */
  async round(): Promise<number> {
    let bytes = 0;
    for (;;) {
      const purged = await this.#purgeOnce();
      if (purged === null) return bytes;
      bytes += purged;
    }
  }

  async #purgeOnce(): Promise<number | null> {
    const { ledger, media, clock, rule, log } = this.#parts;
    const now = { utcMs: clock.utcMs(), freeBytes: media.freeBytes() };
    const covering = this.#firstUsefulReceipt();
    const choice = covering === null ? null : choosePurge(rule, now, covering.candidates);
    if (covering === null || choice === null) return null;
    const policy = `keep_days=${Math.round(rule.keepMs / 86_400_000)} reserve_bytes=${rule.reserveBytes}`;
    const receipt = covering.receipt.digest.toString("hex");
    const { seq, files, bytes } = await ledger.purge({
      seqs: choice.seqs,
      reason: choice.reason,
      policy,
      receipt,
    });
    log.info({ seq, files, bytes, reason: choice.reason }, "media purged");
    return bytes;
  }

  /** The newest receipt that covers media still on the disk, with the oldest of that media. */
  #firstUsefulReceipt(): { receipt: OpenedReceipt; candidates: PurgeCandidate[] } | null {
    const { reader, custodyKeys, authorises } = this.#parts;
    let read = 0;
    for (const receipt of pinnedReceipts(reader, custodyKeys)) {
      if (read++ >= MAX_RECEIPTS) break;
      if (!authorises({ digest: receipt.digest.toString("hex"), size: receipt.size })) continue;
      const candidates = this.#candidates(receipt);
      if (candidates.length > 0) return { receipt, candidates };
    }
    return null;
  }

  #candidates({ media }: OpenedReceipt): PurgeCandidate[] {
    const { reader } = this.#parts;
    const candidates: PurgeCandidate[] = [];
    for (const [from, to] of media) {
      for (const { seq, bytes } of reader.media.kept(from, to, BATCH - candidates.length)) {
        candidates.push({ seq, bytes, utcMs: (reader.body(seq).t as { utc_ms: number }).utc_ms });
      }
      if (candidates.length >= BATCH) break;
    }
    return candidates;
  }
}

import { RangeSet } from "../../../../crypto/bytes/ranges.ts";
import type { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { newestChain } from "../../../../crypto/ledger/query/newest-chain.ts";
import { MediaStore } from "../../../../crypto/media/store.ts";
import { receiptClaims } from "../../../../crypto/proof/receipt.ts";
import { evidenceWords as words } from "../../../cli/text/doctor/evidence.ts";
import { type Check, fail, ok, skipped, warn } from "../../check.ts";
import { type VisitedLedger, visitEach } from "./ledgers.ts";

const LIMIT_MS = 20_000;
/** Entries and files that the quick look takes of each ledger: minutes of a recording. */
const NEWEST = 1_000;
/** A receiver's receipts overlap: so many of the newest cover all that is covered. */
const RECEIPTS_READ = 16;

const ledger: Check = {
  id: "ledger",
  name: words.ledger,
  why: words.ledgerWhy,
  next: words.ledgerNext,
  limitMs: LIMIT_MS,
  async run(patient) {
    const chains = await visitEach(patient, ({ reader }) => ({
      size: reader.size(),
      ...newestChain(reader, NEWEST),
    }));
    if (chains.length === 0) return { ...warn(words.ledgerEmpty), next: words.ledgerStart };
    const broken = chains.find(({ brokenAt }) => brokenAt !== null);
    if (broken !== undefined) return fail(words.ledgerBroken, { seq: broken.brokenAt ?? 0 });
    const size = chains.reduce((sum, one) => sum + one.size, 0);
    const count = chains.reduce((sum, one) => sum + one.count, 0);
    return patient.config.role === "receiver"
      ? ok(words.ledgers, { count: chains.length, size })
      : ok(words.ledgerSeen, { size, count });
  },
};

const media: Check = {
  id: "media",
  name: words.media,
  why: words.mediaWhy,
  next: words.mediaNext,
  limitMs: LIMIT_MS,
  async run(patient) {
    const isReceiver = patient.config.role === "receiver";
    const found = await visitEach(patient, (visited) => newestMedia(visited, isReceiver));
    if (found.length === 0) return skipped(words.ledgerEmpty);
    const count = found.reduce((sum, one) => sum + one.count, 0);
    const missing = found.reduce((sum, one) => sum + one.missing, 0);
    return missing === 0 ? ok(words.mediaSeen, { count }) : fail(words.mediaMissing, { missing, count });
  },
};

/** Of a replica, only what a receipt was given for: the rest may be on its way. */
function newestMedia(
  { dataDir, reader }: VisitedLedger,
  isReplica: boolean,
): { count: number; missing: number } {
  const store = new MediaStore(dataDir);
  const owed = isReplica ? promisedSeqs(reader) : RangeSet.of([[0, reader.size()]]);
  const rows = reader.media
    .within(0, reader.size(), "newest", NEWEST)
    .filter(({ seq, purged }) => !purged && owed.has(seq));
  const missing = rows.filter(({ digest, bytes }) => store.bytes(digest) !== bytes).length;
  return { count: rows.length, missing };
}

/** What this receiver has itself promised to hold. */
function promisedSeqs(reader: LedgerReader): RangeSet {
  const promised = new RangeSet();
  let read = 0;
  for (const envelope of reader.receipts.all()) {
    for (const [from, to] of receiptClaims(envelope).media) promised.add(from, to);
    if (++read >= RECEIPTS_READ) break;
  }
  return promised;
}

export const HOLDING_CHECKS: readonly Check[] = [ledger, media];

import { basename, dirname, join } from "node:path";
import { leafHash } from "../../../crypto/bytes/digest.ts";
import type { OtherLedger } from "../../../crypto/entry/activity-types.ts";
import { hasLedger } from "../../../crypto/ledger/db/ledger-place.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { visitLedger } from "../../../crypto/ledger/visit.ts";
import type { ActivityRecord } from "./activity-record.ts";
import type { FactsLookup } from "./completeness.ts";
import { recordingFacts } from "./recording-facts.ts";

/**
 * Where another device's ledger may lie: `also` is its data directory, a receiver's, or a receiver's `devices`;
 * a replica beside the ledger at hand is found without. Throws `ledger-forbidden`.
 */
function placesOf(dev: string, dataDir: string, also: string | undefined): string[] {
  const named = also === undefined ? [] : [also, join(also, "devices", dev), join(also, dev)];
  const beside = basename(dirname(dataDir)) === "devices" ? [join(dirname(dataDir), dev)] : [];
  return [...named, ...beside].filter(hasLedger);
}

/** Reads the ledger of a device where it is at hand; null: it is not. */
export async function visitOther<Result>(
  dev: string,
  dataDir: string,
  also: string | undefined,
  look: (reader: LedgerReader) => Result,
): Promise<Result | null> {
  for (const place of placesOf(dev, dataDir, also)) {
    const found = await visitLedger(place, (reader) => (reader.dev === dev ? { is: look(reader) } : null));
    if (found !== null) return found.is;
  }
  return null;
}

/** Where a recording begins in the ledger that is read; null: it is not in it. */
export function startOf(reader: LedgerReader, rec: string): Required<OtherLedger> | null {
  const seq = reader.recordings.startedAt(rec);
  const entry = seq === null ? null : reader.entry(seq);
  // the leaf that stands beside it may be that of another body
  return entry === null
    ? null
    : { dev: reader.dev, seq: entry.seq, leaf: leafHash(entry.body).toString("hex") };
}

/** Looks the recordings of other ledgers up, as far as these are at hand. */
export async function lookUpOthers(
  { recordings }: ActivityRecord,
  dataDir: string,
  also: string | undefined,
): Promise<Map<string, ReturnType<FactsLookup>>> {
  const found = new Map<string, ReturnType<FactsLookup>>();
  for (const { rec, ledger } of recordings) {
    if (ledger === null) continue;
    const facts = await visitOther(ledger.dev, dataDir, also, (reader) => {
      const start = startOf(reader, rec);
      const isOther = ledger.leaf !== undefined && (start?.leaf !== ledger.leaf || start.seq !== ledger.seq);
      // a ledger at hand that lacks it is no proof of anything: it may be an older copy
      if (start === null) return null;
      return isOther ? ("other-recording" as const) : recordingFacts(reader, rec);
    });
    found.set(rec, facts);
  }
  return found;
}

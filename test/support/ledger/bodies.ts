import type { JsonObject } from "../../../crypto/bytes/canonical.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";

/** Bodies of all entries of a ledger, in their order. */
export function bodiesOf(dataDir: string): JsonObject[] {
  const reader = LedgerReader.open(dataDir);
  try {
    return Array.from({ length: reader.size() }, (_, seq) => reader.body(seq));
  } finally {
    reader.close();
  }
}

/** Bodies of those of one type. */
export function entriesOf(dataDir: string, type: string): JsonObject[] {
  return bodiesOf(dataDir).filter((body) => body.type === type);
}

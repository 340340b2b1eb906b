import { parseBody } from "../../bytes/canonical.ts";
import { leafHash } from "../../bytes/digest.ts";
import type { LedgerReader } from "../db/reader.ts";

const MAX_READ_BYTES = 16 * 2 ** 20;

/**
 * Whether each of the newest `most` entries has its own leaf and names that of the one before (ledger-format §3);
 * `brokenAt` is the first that does not. Looks at no more than 16 MiB of them.
 */
export function newestChain(reader: LedgerReader, most: number): { count: number; brokenAt: number | null } {
  const first = Math.max(0, reader.size() - most);
  let count = 0;
  let previous: string | null = null;
  for (const { seq, body, leaf } of reader.entries(first, most, MAX_READ_BYTES)) {
    if (previous !== null && parseBody(body).prev !== previous) return { count, brokenAt: seq };
    if (!leafHash(body).equals(leaf)) return { count, brokenAt: seq };
    previous = leaf.toString("hex");
    count++;
  }
  return { count, brokenAt: null };
}

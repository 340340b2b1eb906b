import { tmpdir } from "node:os";
import { AgentError, errorCode } from "../../config/base/errors.ts";
import { LedgerReader } from "./db/reader.ts";
import { hasDerived, openForReading } from "./db/schema.ts";
import { LedgerStore } from "./db/store.ts";
import { PrivateCopy } from "./verify/read/private-copy.ts";

const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/;

/**
 * Reads a ledger as a visitor: beside a running agent, on a dead one's directory, in a folder that nothing may
 * be written to, or one that another program wrote. Where our indexes are missing they are made on a private
 * copy; that takes as long as reading every entry. Throws `ledger-missing`, `ledger-forbidden`, `not-a-ledger`,
 * `database-damaged` and what `PrivateCopy.make` throws.
 */
export async function visitLedger<Result>(
  dataDir: string,
  look: (reader: LedgerReader) => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await visit(dataDir, look);
  } catch (cause) {
    const code = errorCode(cause);
    // SQLite does not say which of several ledgers it is
    if (!DAMAGED.test(code)) throw cause;
    throw new AgentError("database-damaged", `${dataDir}: ${code}`, { cause });
  }
}

async function visit<Result>(
  dataDir: string,
  look: (reader: LedgerReader) => Result | Promise<Result>,
): Promise<Result> {
  const direct = openIndexed(dataDir);
  if (direct !== null) {
    try {
      return await look(direct);
    } finally {
      direct.close();
    }
  }
  const copy = await PrivateCopy.make(dataDir, tmpdir());
  try {
    const store = LedgerStore.open(copy.directory);
    try {
      return await look(store.reader);
    } finally {
      store.close();
    }
  } finally {
    copy.remove();
  }
}

/** Null where the indexes are missing, or the folder keeps even a reader out. */
function openIndexed(dataDir: string): LedgerReader | null {
  const db = openForReading(dataDir);
  try {
    if (hasDerived(db)) return new LedgerReader(db);
  } catch {
    // SQLite reads no write-ahead log where it may not write beside it
  }
  db.close();
  return null;
}

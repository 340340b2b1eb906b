import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { rightsText } from "../../../config/base/accounts.ts";
import { AgentError, errorCode } from "../../../config/base/errors.ts";

export function ledgerPath(dataDir: string): string {
  return join(dataDir, "ledger.db");
}

/** Whether a directory holds a ledger. Throws `ledger-forbidden` where this account may not look, or not read it. */
export function hasLedger(dataDir: string): boolean {
  const path = ledgerPath(dataDir);
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch (cause) {
    if (errorCode(cause) === "EACCES") throw forbidden(path, cause);
    return false;
  }
}

/** Where the ledger of a directory lies. Throws `ledger-missing` and what `hasLedger` throws. */
export function requireLedger(dataDir: string): string {
  const path = ledgerPath(dataDir);
  if (hasLedger(dataDir)) return path;
  throw new AgentError("ledger-missing", path, {
    next: "check the data directory, or start the agent once",
  });
}

/** What the system says of a place of evidence that this account may not read. */
export function forbidden(path: string, cause: unknown): AgentError {
  return new AgentError("ledger-forbidden", `${path} (${rightsText(path)})`, {
    cause,
    next: "join the group that stands there",
  });
}

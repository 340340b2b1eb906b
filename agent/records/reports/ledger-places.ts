import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { AgentError } from "../../../config/base/errors.ts";
import { ledgerPath } from "../../../crypto/ledger/db/schema.ts";

/**
 * The directories of ledgers that a data directory means: its own, and on a receiver every device's replica.
 * What was set aside in `archive/` is not counted twice. Throws `ledger-missing`.
 */
export function ledgersOf(dataDir: string): string[] {
  const devices = join(dataDir, "devices");
  const replicas = existsSync(devices)
    ? readdirSync(devices)
        .sort()
        .map((dev) => join(devices, dev))
    : [];
  const found = [dataDir, ...replicas].filter((directory) => existsSync(ledgerPath(directory)));
  if (found.length === 0) {
    throw new AgentError("ledger-missing", dataDir, {
      next: "name the data directory of a device, a dock or a receiver",
    });
  }
  return found;
}

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { AgentError } from "../../config/base/errors.ts";
import { ledgerPath } from "../../crypto/ledger/db/schema.ts";

/**
 * Directories with a ledger: those named, and every device's replica of a receiver's directory. Throws
 * `ledger-missing` where a directory has neither.
 */
export function ledgerDirectories(named: readonly string[]): string[] {
  const found = named.flatMap((dir) => {
    const own = hasLedger(dir) ? [dir] : [];
    const all = [...own, ...replicasBelow(join(dir, "devices"))];
    if (all.length === 0)
      throw new AgentError("ledger-missing", dir, { next: "name a data directory, or a receiver's" });
    return all;
  });
  return [...new Set(found)];
}

function replicasBelow(devices: string): string[] {
  if (!existsSync(devices)) return [];
  const names = readdirSync(devices, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return names
    .map(({ name }) => join(devices, name))
    .filter(hasLedger)
    .sort();
}

function hasLedger(dir: string): boolean {
  return existsSync(ledgerPath(dir));
}

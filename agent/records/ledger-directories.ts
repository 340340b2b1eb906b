import { type Dirent, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { AgentError, errorCode } from "../../config/base/errors.ts";
import { forbidden, hasLedger } from "../../crypto/ledger/db/ledger-place.ts";

/**
 * Directories with a ledger: those named, and every device's replica of a receiver's directory. Throws
 * `ledger-missing` where a directory has neither, `ledger-forbidden` where this account may not look.
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

/** Replicas in a receiver's directory of devices, by id. Throws `ledger-forbidden`. */
export function replicasBelow(devices: string): string[] {
  if (!existsSync(devices)) return [];
  return foldersIn(devices)
    .map(({ name }) => join(devices, name))
    .filter(hasLedger)
    .sort();
}

function foldersIn(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  } catch (cause) {
    throw errorCode(cause) === "EACCES" ? forbidden(path, cause) : cause;
  }
}

import { type Dirent, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { AgentError, errorCode } from "../../config/base/errors.ts";
import { forbidden, hasLedger } from "../../crypto/ledger/db/ledger-place.ts";
import { visitLedger } from "../../crypto/ledger/visit.ts";

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

/** A directory that holds the same ledger as another one, which is as long or longer. */
export interface Twin {
  directory: string;
  of: string;
}

/**
 * Each ledger once, by its first entry: it may be at hand as a device's own, as a replica and as a copy. The
 * longest is kept, of equal ones the first. Throws what `visitLedger` throws.
 */
export async function longestOfEach(
  directories: readonly string[],
): Promise<{ kept: string[]; twins: Twin[] }> {
  const copies = new Map<string, { directory: string; size: number }[]>();
  for (const directory of directories) {
    const { genesis, size } = await visitLedger(directory, (reader) => ({
      genesis: reader.node(0, 0).toString("hex"),
      size: reader.size(),
    }));
    copies.set(genesis, [...(copies.get(genesis) ?? []), { directory, size }]);
  }
  const kept: string[] = [];
  const twins: Twin[] = [];
  for (const own of copies.values()) {
    const [longest, ...others] = own.sort((a, b) => b.size - a.size).map(({ directory }) => directory);
    if (longest === undefined) continue;
    kept.push(longest);
    twins.push(...others.map((directory) => ({ directory, of: longest })));
  }
  return { kept, twins };
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

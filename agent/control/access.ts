import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { groupNumber } from "../../config/base/accounts.ts";
import { AgentError } from "../../config/base/errors.ts";

/** The group may look in, and what is made inside later is its own (setgid, inode(7)). */
const SHARED = 0o2050;
const LEDGER_FILES = ["ledger.db", "ledger.db-wal", "ledger.db-shm"];

/**
 * Opens a data directory and the ledgers in it to the group of `[control] group`, before anything else is made
 * there. What others may do does not change, and keys stay their owner's: their files have mode 0600.
 * Throws `group-unknown`, or `group-forbidden` where this account may not give something to the group.
 */
export function admitGroup(dataDir: string, group: string | number | undefined): void {
  if (group === undefined) return;
  const gid = requireGroup(group);
  mkdirSync(dataDir, { recursive: true, mode: 0o750 });
  for (const directory of ledgerDirectories(dataDir)) {
    give(directory, gid, group, SHARED);
    for (const name of LEDGER_FILES) {
      const file = join(directory, name);
      if (existsSync(file)) give(file, gid, group);
    }
  }
}

/** The number of the group of `[control] group`. Throws `group-unknown`. */
export function requireGroup(group: string | number): number {
  const gid = groupNumber(String(group));
  if (gid !== null) return gid;
  throw new AgentError("group-unknown", `control.group: ${group}`);
}

/** Makes a file the group's, and adds `rights` to its mode. Throws `group-forbidden`. */
export function give(path: string, gid: number, group: string | number, rights = 0): void {
  const now = statSync(path);
  const mode = now.mode & 0o7777;
  try {
    if (now.gid !== gid) chownSync(path, now.uid, gid);
    if ((mode & rights) !== rights) chmodSync(path, mode | rights);
  } catch (cause) {
    throw new AgentError("group-forbidden", `control.group: ${group}: ${path}`, { cause });
  }
}

/** The data directory itself; a receiver keeps one more for each device. */
function ledgerDirectories(dataDir: string): string[] {
  const devices = join(dataDir, "devices");
  if (!existsSync(devices)) return [dataDir];
  const own = readdirSync(devices, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [dataDir, devices, ...own.map(({ name }) => join(devices, name))];
}

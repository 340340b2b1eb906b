import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { syncDirectory, writeDurably } from "../../config/base/durable.ts";
import { AgentError } from "../../config/base/errors.ts";
import type { Genesis } from "../entry/ledger-types.ts";

/**
 * Setting a ledger aside (sync-protocol §8): when an old disk was put back, or the device's key was used
 * elsewhere, its ledger moves whole to `archive/<dev>/` and a new one with a new key `follows` it.
 * A mark written first makes the move resumable at any power cut.
 */
export type Follows = NonNullable<Genesis["follows"]>;

const MARK = "superseded.json";
/** All that belongs to one ledger; what is missing is skipped. */
const MEMBERS = ["ledger.db", "media", "partial", "keys/device.key"];
/** What SQLite may leave beside it. Moved before it: once the database is away, these are the next ledger's. */
const DATABASE_COMPANIONS = ["ledger.db-wal", "ledger.db-shm"];

/** Decides, durably, that the ledger in `dataDir` is over. Its writer must have ended. */
export function markSuperseded(dataDir: string, follows: Follows): void {
  writeDurably(join(dataDir, MARK), JSON.stringify(follows));
}

/**
 * Moves a marked ledger away, or finishes doing so; answers what the next genesis follows.
 * Null: no ledger is marked. Throws `bad-supersede-mark`.
 */
export function archiveSuperseded(dataDir: string): Follows | null {
  const follows = readMark(join(dataDir, MARK));
  if (follows === null) return null;
  const archive = join(dataDir, "archive", follows.dev);
  mkdirSync(join(archive, "keys"), { recursive: true, mode: 0o750 });
  const isDatabaseAway = existsSync(join(archive, "ledger.db"));
  for (const member of isDatabaseAway ? MEMBERS : [...DATABASE_COMPANIONS, ...MEMBERS]) {
    const from = join(dataDir, member);
    const to = join(archive, member);
    // already moved before a power cut: what lies at `from` now would belong to the next ledger
    if (!existsSync(from) || existsSync(to)) continue;
    renameSync(from, to);
    syncDirectory(dirname(to));
    syncDirectory(dirname(from));
  }
  return follows;
}

/** The new ledger has begun: the mark has done its work. */
export function forgetSuperseded(dataDir: string): void {
  rmSync(join(dataDir, MARK), { force: true });
  syncDirectory(dataDir);
}

function readMark(path: string): Follows | null {
  if (!existsSync(path)) return null;
  try {
    const { dev, size, root } = JSON.parse(readFileSync(path, "utf8")) as Follows;
    if (!/^[0-9a-f]{32}$/.test(dev) || !Number.isSafeInteger(size) || !/^[0-9a-f]{64}$/.test(root)) {
      throw new AgentError("bad-supersede-mark", path);
    }
    return { dev, size, root };
  } catch (cause) {
    throw new AgentError("bad-supersede-mark", path, { cause });
  }
}

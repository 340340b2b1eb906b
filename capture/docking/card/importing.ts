import { setImmediate } from "node:timers/promises";
import type { CardFile } from "./card-book.ts";
import { importWhole, settleByBytes } from "./comparing.ts";
import { type Emptying, listCard } from "./emptying.ts";
import { claimOf } from "./file-importing.ts";
import { nameClaims } from "./name-claims.ts";

/** A card that grows faster than it is imported is left after so many rounds. */
const MAX_ROUNDS = 5;
/** Files of one card under way at once: two keep a disk busy, and a link behind the USB process has one data phase. */
const DISK_FILES = 2;
const LINK_FILES = 1;
/** Looked up in the ledger without a pause. */
const KNOWN_AT_ONCE = 64;

/** Files that are to be read: those that the ledger does not know, and those whose claims do not tell. */
interface Unread {
  unknown: CardFile[];
  doubtful: CardFile[];
}

/** Lists and imports until a whole listing holds nothing new. */
export async function importAll(work: Emptying, signal: AbortSignal): Promise<void> {
  work.to({ kind: "inventory" });
  await listCard(work, signal);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const pending = [...work.book.files()].filter(({ fate }) => fate.kind === "pending");
    if (pending.length === 0) break;
    work.to({ kind: "importing" });
    await importFiles(work, pending, signal);
    work.to({ kind: "verifying" });
    await listCard(work, signal);
  }
  work.to({ kind: "verifying" });
}

async function importFiles(work: Emptying, files: CardFile[], signal: AbortSignal): Promise<void> {
  const { unknown, doubtful } = await unreadOf(work, files, signal);
  const first = unknown[0];
  const waiting = mostWantedFirst(unknown);
  const next = (): CardFile | undefined => {
    const paths = work.preferred();
    const preferred = paths.size === 0 ? -1 : waiting.findIndex(({ file }) => paths.has(file.path));
    return preferred < 0 ? waiting.shift() : waiting.splice(preferred, 1)[0];
  };
  const isDisk = first !== undefined && work.driver.sourceOf(first.file)?.kind === "path";
  const lanes = Array.from({ length: isDisk ? DISK_FILES : LINK_FILES }, async () => {
    for (let entry = next(); entry !== undefined; entry = next()) {
      await importWhole(work, entry, signal);
    }
  });
  // both lanes end before the docking goes on, whichever failed first
  const ends = await Promise.allSettled(lanes);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  // one by one: an import is told from another by the claims that these share
  for (const entry of doubtful) await settleByBytes(work, entry, signal);
}

/** Those that the ledger knows by claims that tell get their fate; the others are to be read. */
async function unreadOf(work: Emptying, files: CardFile[], signal: AbortSignal): Promise<Unread> {
  const { memory } = work.parts;
  const isDoubted = memory.isDoubted(work.serial);
  const unread: Unread = { unknown: [], doubtful: [] };
  for (const [i, entry] of files.entries()) {
    // a card of many files that are all known must not hold up the other bays
    if (i % KNOWN_AT_ONCE === KNOWN_AT_ONCE - 1) await setImmediate();
    signal.throwIfAborted();
    const known = memory.importOf(claimOf(work.serial, entry.file));
    if (entry.isTwin || entry.isBack || (isDoubted && known !== null)) unread.doubtful.push(entry);
    else if (known === null) unread.unknown.push(entry);
    else entry.fate = { kind: "imported", ...known, fresh: false };
  }
  return unread;
}

/** The wearer's important files, then the newest. */
function mostWantedFirst(files: readonly CardFile[]): CardFile[] {
  const ranked = files.map((entry) => {
    const isImportant = nameClaims(entry.file.path)?.isImportant === true;
    return { entry, isImportant, modifiedMs: entry.file.modifiedMs ?? 0 };
  });
  ranked.sort((a, b) => Number(b.isImportant) - Number(a.isImportant) || b.modifiedMs - a.modifiedMs);
  return ranked.map(({ entry }) => entry);
}

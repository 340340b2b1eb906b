import { setImmediate } from "node:timers/promises";
import { errorCode } from "../../../config/base/errors.ts";
import type { ImportSource } from "../../../crypto/entry/types.ts";
import type { RecorderFile } from "../../../drivers/recorders/recorder-driver.ts";
import type { ImportOrder, ImportProgress } from "../../import/import-job.ts";
import { PASSING, PAUSE_MS, TRIES } from "../introduction.ts";
import { ROOM_MS, WANTS_ROOM } from "../room.ts";
import type { CardFile, FileFate } from "./card-book.ts";
import { type Emptying, listCard } from "./emptying.ts";
import { nameClaims } from "./name-claims.ts";

/** A card that grows faster than it is imported is left after so many rounds. */
const MAX_ROUNDS = 5;
/** Files of one card under way at once: two keep a disk busy, and a link behind the USB process has one data phase. */
const DISK_FILES = 2;
const LINK_FILES = 1;
/** Looked up in the ledger without a pause. */
const KNOWN_AT_ONCE = 64;
/** How long the docking of another bay, from where the recorder came, may take to let go of a file. */
const RUNNING_MS = 60_000;

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
  const unknown = await unknownOf(work, files, signal);
  const waiting = unknown.filter(({ isTwin }) => !isTwin).sort(mostWantedFirst);
  const next = (): CardFile | undefined => {
    const preferred = waiting.findIndex(({ file }) => work.isPreferred(file.path));
    return preferred < 0 ? waiting.shift() : waiting.splice(preferred, 1)[0];
  };
  const first = unknown[0];
  const isDisk = first !== undefined && work.driver.sourceOf(first.file)?.kind === "path";
  const lanes = Array.from({ length: isDisk ? DISK_FILES : LINK_FILES }, async () => {
    for (let entry = next(); entry !== undefined; entry = next()) {
      entry.fate = await importFile(work, entry.file, signal);
    }
  });
  // both lanes end before the docking goes on, whichever failed first
  const ends = await Promise.allSettled(lanes);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  // one by one: an import is told from another by the claims that these share
  for (const entry of unknown) if (entry.isTwin) entry.fate = await importTwin(work, entry.file, signal);
}

/** Those that the ledger does not hold by their claims; the others get their fate. */
async function unknownOf(work: Emptying, files: CardFile[], signal: AbortSignal): Promise<CardFile[]> {
  const unknown: CardFile[] = [];
  for (const [i, entry] of files.entries()) {
    // a card of many files that are all known must not hold up the other bays
    if (i % KNOWN_AT_ONCE === KNOWN_AT_ONCE - 1) await setImmediate();
    signal.throwIfAborted();
    const known = entry.isTwin ? null : work.parts.memory.importOf(claimOf(work.serial, entry.file));
    if (known === null) unknown.push(entry);
    else entry.fate = { kind: "imported", ...known, fresh: false };
  }
  return unknown;
}

/** One of several files with the same claims: only its bytes tell whether the ledger holds it. */
async function importTwin(work: Emptying, file: RecorderFile, signal: AbortSignal): Promise<FileFate> {
  const { driver, parts, serial } = work;
  const known = parts.memory.importOf(claimOf(serial, file));
  const source = driver.sourceOf(file);
  if (known !== null && source !== null) {
    const digest = await parts.importer.digestOf(source, file.bytes, signal).catch((error: unknown) => {
      if (errorCode(error) === "recorder-gone" || signal.aborted) throw error;
      return null;
    });
    if (digest === known.fileDigest) return { kind: "imported", ...known, fresh: false };
  }
  return await importFile(work, file, signal);
}

/** The wearer's important files, then the newest. */
function mostWantedFirst({ file: a }: CardFile, { file: b }: CardFile): number {
  return importance(b.path) - importance(a.path) || (b.modifiedMs ?? 0) - (a.modifiedMs ?? 0);
}

function importance(path: string): number {
  return nameClaims(path)?.isImportant === true ? 1 : 0;
}

/**
 * Imports a file, whatever the ledger holds of it; answers what became of it. Throws what ends the docking:
 * `recorder-gone`, an abort, the writer's own end.
 */
export async function importFile(work: Emptying, file: RecorderFile, signal: AbortSignal): Promise<FileFate> {
  const { serial, driver, parts } = work;
  const claim = claimOf(serial, file);
  const source = driver.sourceOf(file);
  if (source === null) return { kind: "failed", reason: "unsupported" };
  const continues = parts.memory.unfinishedOf(claim);
  const wearer = work.wearer();
  const order: ImportOrder = {
    claim,
    source,
    ...(wearer === undefined ? {} : { wearer }),
    ...(nameClaims(file.path)?.isImportant === true ? { important: true } : {}),
    ...(continues === null ? {} : { continues }),
  };
  const onProgress = ({ doneBytes }: ImportProgress) => work.onProgress(file.path, doneBytes);
  let runningMs = 0;
  for (let tries = 1; ; ) {
    try {
      const { rec, fileDigest, reason } = await parts.importer.importFile(order, { signal, onProgress });
      return fileDigest === null
        ? { kind: "failed", reason }
        : { kind: "imported", rec, fileDigest, fresh: true };
    } catch (error) {
      const code = errorCode(error);
      parts.counters.add(`import-${code}`);
      if (code === "recorder-gone" || signal.aborted) throw error;
      const isRoomWanted = WANTS_ROOM.has(code);
      if (code === "import-running" && runningMs < RUNNING_MS) {
        runningMs += PAUSE_MS;
        await parts.clock.sleep(PAUSE_MS, signal);
        continue;
      }
      if (!isRoomWanted && (!PASSING.has(code) || tries++ >= TRIES)) return { kind: "failed", reason: code };
      await parts.clock.sleep(isRoomWanted ? ROOM_MS : PAUSE_MS, signal);
    } finally {
      work.onProgress(file.path, 0);
    }
  }
}

function claimOf(serial: string, { path, bytes, modifiedMs }: RecorderFile): ImportSource {
  return { serial, path, bytes, ...(modifiedMs === undefined ? {} : { modified_ms: modifiedMs }) };
}

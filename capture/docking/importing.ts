import { errorCode } from "../../config/base/errors.ts";
import type { ImportSource } from "../../crypto/entry/types.ts";
import type { RecorderFile } from "../../drivers/recorders/recorder-driver.ts";
import type { ImportOrder, ImportProgress } from "../import/import-job.ts";
import type { CardFile, FileFate } from "./card-book.ts";
import { type Emptying, listCard } from "./emptying.ts";
import { PASSING, PAUSE_MS, TRIES } from "./introduction.ts";
import { nameClaims } from "./name-claims.ts";

/** A card that grows faster than it is imported is left after so many rounds. */
const MAX_ROUNDS = 5;
/** Files of one card under way at once: two keep a disk busy, and a link behind the USB process has one data phase. */
const DISK_FILES = 2;
const LINK_FILES = 1;
/** A full disk is asked for room this often. */
const ROOM_MS = 10_000;
const WANTS_ROOM = new Set(["disk-full", "media-write-failed"]);

/** Lists and imports until a whole listing holds nothing new. */
export async function importAll(work: Emptying, signal: AbortSignal): Promise<void> {
  work.to({ kind: "inventory" });
  let fresh = await listCard(work, signal);
  for (let round = 0; fresh.length > 0 && round < MAX_ROUNDS; round++) {
    work.to({ kind: "importing" });
    await importFiles(work, fresh, signal);
    work.to({ kind: "verifying" });
    fresh = await listCard(work, signal);
  }
  work.to({ kind: "verifying" });
}

async function importFiles(work: Emptying, files: CardFile[], signal: AbortSignal): Promise<void> {
  const waiting = [...files].sort(mostWantedFirst);
  const next = (): CardFile | undefined => {
    const preferred = waiting.findIndex(({ file }) => work.isPreferred(file.path));
    return preferred < 0 ? waiting.shift() : waiting.splice(preferred, 1)[0];
  };
  const first = files[0];
  const isDisk = first !== undefined && work.driver.sourceOf(first.file)?.kind === "path";
  const lanes = Array.from({ length: isDisk ? DISK_FILES : LINK_FILES }, async () => {
    for (let entry = next(); entry !== undefined; entry = next()) {
      entry.fate = await importUnlessKnown(work, entry.file, signal);
    }
  });
  // both lanes end before the docking goes on, whichever failed first
  const ends = await Promise.allSettled(lanes);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/** The wearer's important files, then the newest. */
function mostWantedFirst({ file: a }: CardFile, { file: b }: CardFile): number {
  return importance(b.path) - importance(a.path) || (b.modifiedMs ?? 0) - (a.modifiedMs ?? 0);
}

function importance(path: string): number {
  return nameClaims(path)?.isImportant === true ? 1 : 0;
}

/** What became of one file. Throws what ends the docking: `recorder-gone`, an abort, the writer's own end. */
async function importUnlessKnown(work: Emptying, file: RecorderFile, signal: AbortSignal): Promise<FileFate> {
  const known = work.parts.memory.importOf(claimOf(work.serial, file));
  return known === null ? await importFile(work, file, signal) : { kind: "imported", ...known, fresh: false };
}

/** Imports a file, whatever the ledger holds of it. Throws as above. */
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
      if (!isRoomWanted && (!PASSING.has(code) || tries++ >= TRIES)) return { kind: "failed", reason: code };
      await parts.clock.sleep(isRoomWanted ? ROOM_MS : PAUSE_MS, signal);
    }
  }
}

function claimOf(serial: string, { path, bytes, modifiedMs }: RecorderFile): ImportSource {
  return { serial, path, bytes, ...(modifiedMs === undefined ? {} : { modified_ms: modifiedMs }) };
}

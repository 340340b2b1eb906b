import { errorCode } from "../../../config/base/errors.ts";
import { fraction } from "../../../config/base/random.ts";
import { whenThereIsRoom } from "../room.ts";
import type { CardFile } from "./card-book.ts";
import type { Emptying } from "./emptying.ts";
import { claimOf, importFile } from "./file-importing.ts";

/** What reading a file again has shown. */
type Finding =
  | { kind: "held"; rec: string; fileDigest: string }
  /** The ledger holds no such bytes under these claims. */
  | { kind: "other"; digest: string }
  | { kind: "unreadable" };

/**
 * Imports a file. One whose import was begun in another docking is read once more from its first byte: the card that
 * has come back may be another one, and the import be of two files then.
 */
export async function importWhole(work: Emptying, entry: CardFile, signal: AbortSignal): Promise<void> {
  const { fate, isResumed } = await importFile(work, entry.file, signal);
  entry.fate = fate;
  if (isResumed) await isOther(work, entry, signal);
}

/**
 * A file whose claims do not tell whether the ledger holds it: its bytes do. What it does not hold is imported,
 * and is a change that is signed, unless the card has two files with these claims.
 */
export async function settleByBytes(work: Emptying, entry: CardFile, signal: AbortSignal): Promise<void> {
  const known = work.parts.memory.importOf(claimOf(work.serial, entry.file));
  const finding = known === null ? null : await readAgain(work, entry, signal);
  if (finding?.kind === "held") {
    const { rec, fileDigest } = finding;
    entry.fate = { kind: "imported", rec, fileDigest, fresh: false };
    return;
  }
  if (finding?.kind === "other" && !entry.isTwin && known !== null) {
    await tellChange(work, entry, { rec: known.rec, found: finding.digest }, signal);
  }
  await importWhole(work, entry, signal);
}

/**
 * Reads some of the files again that were known by their claims alone, chosen by chance; once one is another
 * file, all of them.
 */
export async function recheck(work: Emptying, signal: AbortSignal): Promise<void> {
  const { random, policy } = work.parts;
  const known = [...work.book.files()].filter(
    ({ fate, isTwin, isBack }) => fate.kind === "imported" && !fate.fresh && !isTwin && !isBack,
  );
  let left = policy.recheckFiles;
  while (known.length > 0 && left-- > 0) {
    const [entry] = known.splice(Math.floor(fraction(random) * known.length), 1);
    if (entry !== undefined && (await isOther(work, entry, signal))) left = known.length;
  }
}

/** One for each bay, for as long as the recorder is in it. */
export const changeAlarm = (bay: string): string => `changed-since-import-${bay}`;

/** Signs that the card holds other bytes under the claims of an import than those that were imported. */
export async function tellChange(
  { bay, serial, parts }: Emptying,
  entry: CardFile,
  { rec, found }: { rec: string; found: string },
  signal: AbortSignal,
): Promise<void> {
  const { path } = entry.file;
  entry.isChanged = true;
  parts.counters.add("changed-since-import");
  parts.alarms.raise(changeAlarm(bay), `${serial}: ${path}`);
  const doubt = { type: "dock.doubt", bay, serial, code: "changed-since-import", path, rec, found } as const;
  await whenThereIsRoom(() => parts.writer.append(doubt), parts.clock, signal);
}

/** True for a file that is not the one that was imported: that is signed, and it is imported too. */
async function isOther(work: Emptying, entry: CardFile, signal: AbortSignal): Promise<boolean> {
  const { fate } = entry;
  if (fate.kind !== "imported") return false;
  const finding = await readAgain(work, entry, signal);
  if (finding.kind === "held") entry.fate = { ...fate, rec: finding.rec, fileDigest: finding.fileDigest };
  if (finding.kind !== "other") return false;
  await tellChange(work, entry, { rec: fate.rec, found: finding.digest }, signal);
  entry.fate = (await importFile(work, entry.file, signal)).fate;
  return true;
}

async function readAgain(work: Emptying, { file }: CardFile, signal: AbortSignal): Promise<Finding> {
  const { driver, parts, serial } = work;
  const source = driver.sourceOf(file);
  if (source === null) return { kind: "unreadable" };
  try {
    const digest = await parts.importer.digestOf(source, file.bytes, signal);
    const held = parts.memory.importOf(claimOf(serial, file), digest);
    return held === null ? { kind: "other", digest } : { kind: "held", ...held };
  } catch (error) {
    const code = errorCode(error);
    if (code === "recorder-gone" || signal.aborted) throw error;
    parts.counters.add(`recheck-${code}`);
    return { kind: "unreadable" };
  }
}

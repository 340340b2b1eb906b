import { setImmediate } from "node:timers/promises";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { KeepReason } from "../bay-state.ts";
import type { DockMemory } from "../docking-parts.ts";
import type { CardBook, CardFile, FileFate } from "./card-book.ts";
import { importWhole, tellChange } from "./comparing.ts";
import { type Emptying, listCard } from "./emptying.ts";
import { claimOf } from "./file-importing.ts";

const RECEIPTS_MS = 2_000;
/** A card of many files must not hold up the other bays. */
const LOOKED_UP_AT_ONCE = 64;

/** Waits until receipts cover every file that is in the ledger. Answers at once where there is none. */
export async function awaitReceipts(work: Emptying, signal: AbortSignal): Promise<void> {
  work.to({ kind: "awaiting-receipts" });
  for (const [i, { fate }] of [...work.book.files()].entries()) {
    if (i % LOOKED_UP_AT_ONCE === 0) await setImmediate();
    while (isHeld(fate) && work.parts.memory.receiptOf(fate.rec) === null) {
      await work.parts.clock.sleep(RECEIPTS_MS, signal);
    }
  }
}

/**
 * What keeps a card from being safe to wipe; empty: every file on it is in the ledger, whole and under a
 * receipt, nothing else is on it, and no other recorder of its serial is docked. All of it or nothing: as long as
 * one file is not, none goes.
 */
export async function evidenceReasons(
  book: CardBook,
  memory: DockMemory,
  isAlone: boolean,
): Promise<KeepReason[]> {
  const reasons: KeepReason[] = [];
  const { pending, failed, skipped } = book.totals();
  if (pending + failed > 0) reasons.push("not-imported");
  if (skipped > 0) reasons.push("skipped");
  if (!(await isAllReceipted(book, memory))) reasons.push("not-receipted");
  if (!isAlone) reasons.push("recorder-twice");
  return reasons;
}

async function isAllReceipted(book: CardBook, memory: DockMemory): Promise<boolean> {
  for (const [i, { fate }] of [...book.files()].entries()) {
    if (i % LOOKED_UP_AT_ONCE === LOOKED_UP_AT_ONCE - 1) await setImmediate();
    if (isHeld(fate) && memory.receiptOf(fate.rec) === null) return false;
  }
  return true;
}

/** In the ledger, and not known to be under a receipt yet. */
function isHeld(fate: FileFate): fate is Extract<FileFate, { kind: "imported" | "gone" }> {
  return fate.kind === "imported" || fate.kind === "gone";
}

export interface WipeOrder {
  /** This dock has had the recorder before, or the configuration names it. */
  isKnown: boolean;
  /** It came back as another disk than in earlier dockings. */
  isOtherDisk: boolean;
  /** A person has ordered it. */
  isOrdered: boolean;
}

/** Why a card is not wiped, be it safe or not; empty: it is, now. */
export async function reasonsToKeep(
  { book, driver, parts, serial }: Pick<Emptying, "book" | "driver" | "parts" | "serial">,
  order: WipeOrder,
): Promise<KeepReason[]> {
  const { policy, memory, presence } = parts;
  const { left, skipped, changed } = book.totals();
  if (left === 0 && skipped === 0) return [];
  const reasons = await evidenceReasons(book, memory, presence.isAlone(serial));
  if (order.isOtherDisk && !order.isOrdered) reasons.push("other-disk");
  if (changed > 0 && !order.isOrdered) reasons.push("changed-since-import");
  if (policy.wipe === "never") reasons.push("policy");
  if (policy.wipe === "on-order" && !order.isOrdered) reasons.push("on-order");
  if (!order.isKnown && !policy.wipeUnknown && !order.isOrdered) reasons.push("unknown-recorder");
  if (!driver.capabilities.has("remove")) reasons.push("cannot-remove");
  return reasons;
}

/**
 * Removes the card's files one by one: each is read again and must still have the digest that was imported,
 * its removal is signed, and then it goes. Answers why files stayed. What
 * changed meanwhile is another file: it is imported too, and stays.
 */
export async function wipe(work: Emptying, signal: AbortSignal): Promise<KeepReason[]> {
  work.to({ kind: "clearing" });
  const reasons = new Set<KeepReason>();
  const removeAll = async () => {
    for (const entry of work.book.files()) {
      const outcome = await wipeOne(work, entry, signal);
      if (outcome !== null) reasons.add(outcome);
    }
  };
  try {
    await (work.driver.withWriting?.(removeAll) ?? removeAll());
  } catch (error) {
    // a card that cannot be written to stays as it is
    if (!(error instanceof AgentError) || !error.code.startsWith("card-") || signal.aborted) throw error;
    work.parts.counters.add(`wipe-${error.code}`);
  }
  const fresh = await listCard(work, signal);
  if (fresh.length > 0) reasons.add("not-imported");
  if (work.book.totals().imported > 0) reasons.add("not-removed");
  if (work.book.skipped.length > 0) reasons.add("skipped");
  return [...reasons];
}

/** Null: it is removed, or was gone before; else why it stays. */
async function wipeOne(work: Emptying, entry: CardFile, signal: AbortSignal): Promise<KeepReason | null> {
  const { serial, driver, parts } = work;
  if (entry.fate.kind !== "imported") return null;
  if (!parts.presence.isAlone(serial)) return "recorder-twice";
  const source = driver.sourceOf(entry.file);
  if (source === null) return "cannot-remove";
  try {
    const found = await parts.importer.digestOf(source, entry.file.bytes, signal);
    return await removeProven(work, entry, found, signal);
  } catch (error) {
    const code = errorCode(error);
    parts.counters.add(`wipe-${code}`);
    if (code === "recorder-gone" || signal.aborted) throw error;
    // what is gone is not there at the next listing, and what became of it is
    return code === "file-gone" ? null : "not-removed";
  }
}

/** Removes a file that has the digest `found`, if the ledger holds that and a receipt covers it. */
async function removeProven(
  work: Emptying,
  entry: CardFile,
  found: string,
  signal: AbortSignal,
): Promise<KeepReason | null> {
  const { bay, serial, driver, parts } = work;
  const { file, fate } = entry;
  if (fate.kind !== "imported") return null;
  const held = found === fate.fileDigest ? fate : parts.memory.importOf(claimOf(serial, file), found);
  if (held === null) {
    // same name, length and time, other bytes: another file, and evidence too
    await tellChange(work, entry, { rec: fate.rec, found }, signal);
    await importWhole(work, entry, signal);
    return "changed-since-import";
  }
  const receipt = parts.memory.receiptOf(held.rec);
  if (receipt === null) return "not-receipted";
  // another recorder of this serial may have been put in while the file was read
  if (!parts.presence.isAlone(serial)) return "recorder-twice";
  const proof = { rec: held.rec, file_digest: found, receipt: receipt.digest };
  // signed first: a removal without its entry would be a loss that nobody can explain
  await parts.writer.append({
    type: "dock.wipe",
    bay,
    serial,
    path: file.path,
    bytes: file.bytes,
    ...proof,
  });
  await driver.remove(file, signal);
  const { fresh } = fate;
  entry.fate = { kind: "wiped", rec: held.rec, fileDigest: found, fresh, receipt: receipt.digest };
  return null;
}

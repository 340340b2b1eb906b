import { setImmediate } from "node:timers/promises";
import { errorCode } from "../../../config/base/errors.ts";
import type { KeepReason } from "../bay-state.ts";
import type { DockMemory } from "../docking-parts.ts";
import type { CardBook, CardFile } from "./card-book.ts";
import { type Emptying, listCard } from "./emptying.ts";
import { importFile } from "./importing.ts";

const RECEIPTS_MS = 2_000;
/** A card of many files must not hold up the other bays. */
const LOOKED_UP_AT_ONCE = 64;

/** Waits until receipts cover every file that is in the ledger. Answers at once where there is none. */
export async function awaitReceipts(work: Emptying, signal: AbortSignal): Promise<void> {
  work.to({ kind: "awaiting-receipts" });
  for (const [i, { fate }] of [...work.book.files()].entries()) {
    if (i % LOOKED_UP_AT_ONCE === 0) await setImmediate();
    while (fate.kind === "imported" && work.parts.memory.receiptOf(fate.rec) === null) {
      await work.parts.clock.sleep(RECEIPTS_MS, signal);
    }
  }
}

/**
 * What keeps a card from being safe to wipe; empty: every file on it is in the ledger, whole and under a
 * receipt, and nothing else is on it. All of it or nothing: as long as one file is not, none goes.
 */
export async function evidenceReasons(book: CardBook, memory: DockMemory): Promise<KeepReason[]> {
  const reasons: KeepReason[] = [];
  const { pending, failed, skipped } = book.totals();
  if (pending + failed > 0) reasons.push("not-imported");
  if (skipped > 0) reasons.push("skipped");
  if (!(await isAllReceipted(book, memory))) reasons.push("not-receipted");
  return reasons;
}

async function isAllReceipted(book: CardBook, memory: DockMemory): Promise<boolean> {
  for (const [i, { fate }] of [...book.files()].entries()) {
    if (i % LOOKED_UP_AT_ONCE === LOOKED_UP_AT_ONCE - 1) await setImmediate();
    if (fate.kind === "imported" && memory.receiptOf(fate.rec) === null) return false;
  }
  return true;
}

/** Why a card is not wiped, be it safe or not; empty: it is, now. */
export async function reasonsToKeep(
  { book, driver, parts }: Pick<Emptying, "book" | "driver" | "parts">,
  order: { isKnown: boolean; isOrdered: boolean },
): Promise<KeepReason[]> {
  const { policy, memory } = parts;
  const { files, wiped, skipped } = book.totals();
  if (files === wiped && skipped === 0) return [];
  const reasons = await evidenceReasons(book, memory);
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
  for (const entry of work.book.files()) {
    if (entry.fate.kind !== "imported") continue;
    const outcome = await wipeOne(work, entry, signal);
    if (outcome !== null) reasons.add(outcome);
  }
  const left = await listCard(work, signal);
  if (left.length > 0) reasons.add("not-imported");
  if ([...work.book.files()].some(({ fate }) => fate.kind === "imported")) reasons.add("not-removed");
  if (work.book.skipped.length > 0) reasons.add("skipped");
  return [...reasons];
}

async function wipeOne(work: Emptying, entry: CardFile, signal: AbortSignal): Promise<KeepReason | null> {
  const { bay, serial, driver, parts } = work;
  const { file, fate } = entry;
  if (fate.kind !== "imported") return null;
  const receipt = parts.memory.receiptOf(fate.rec);
  if (receipt === null) return "not-receipted";
  const source = driver.sourceOf(file);
  if (source === null) return "cannot-remove";
  try {
    const found = await parts.importer.digestOf(source, file.bytes, signal);
    if (found !== fate.fileDigest) {
      // same name, length and time, other bytes: another file, and evidence too
      entry.fate = await importFile(work, file, signal);
      return "changed-since-import";
    }
    // signed first: a removal without its entry would be a loss that nobody can explain
    await parts.writer.append({
      type: "dock.wipe",
      bay,
      serial,
      path: file.path,
      bytes: file.bytes,
      rec: fate.rec,
      file_digest: fate.fileDigest,
      receipt: receipt.digest,
    });
    await driver.remove(file, signal);
  } catch (error) {
    const code = errorCode(error);
    parts.counters.add(`wipe-${code}`);
    if (code === "recorder-gone" || signal.aborted) throw error;
    return code === "file-gone" ? "changed-since-import" : "not-removed";
  }
  entry.fate = { ...fate, kind: "wiped", receipt: receipt.digest };
  return null;
}

import type { KeepReason } from "./bay-state.ts";
import { recheck } from "./card/comparing.ts";
import { type Emptying, listCard } from "./card/emptying.ts";
import { importAll } from "./card/importing.ts";
import { awaitReceipts, reasonsToKeep, type WipeOrder, wipe } from "./card/wiping.ts";
import type { Introduced } from "./introduction.ts";
import { whenThereIsRoom } from "./room.ts";
import type { Tending } from "./tending.ts";

/** A recorder with files, whoever it is and whatever people order of it. */
export interface Emptied {
  readonly work: Emptying;
  readonly introduced: Introduced;
  /** What stands against wiping it, unless a person orders it. */
  readonly trust: Omit<WipeOrder, "isOrdered">;
  readonly tending: Tending;
  /** Signs the list of its files as they stand now. */
  readonly signInventory: () => Promise<unknown>;
}

/** A recorder that records in its bay again and again is imported so often. */
const MAX_ROUNDS = 100;

/** Imports, waits for receipts, wipes and tends, and again when there is something new; until it is taken. */
export async function emptyRecorder(emptied: Emptied, signal: AbortSignal): Promise<void> {
  const { work } = emptied;
  // what a recorder records in its bay is imported too; one that never ends to is left with what it has
  for (let round = 1; !signal.aborted; round++) {
    await importAll(work, signal);
    if (round === 1) await recheck(work, signal);
    if (await hasReceipts(emptied, signal)) {
      // receipts may have taken the night: what came since is no part of them
      const fresh = await listCard(work, signal);
      if (fresh.length > 0 && round < MAX_ROUNDS) continue;
    }
    await clearAndTend(emptied, round < MAX_ROUNDS, signal);
  }
}

/** True when every file that is to be wiped had to be waited for. */
async function hasReceipts({ work, signInventory }: Emptied, signal: AbortSignal): Promise<boolean> {
  const { failed, pending, files, wiped } = work.book.totals();
  if (failed + pending > 0 || files === wiped) return false;
  // receipts come for media: the one for this document covers every stop before it
  await whenThereIsRoom(signInventory, work.parts.clock, signal);
  await awaitReceipts(work, signal);
  return true;
}

/** Wipes what may be wiped, and resolves when there is something new on the card. */
async function clearAndTend(emptied: Emptied, mayReturn: boolean, signal: AbortSignal): Promise<void> {
  const { work, introduced, tending } = emptied;
  const hasNew = () => mayReturn && work.book.totals().pending > 0;
  let kept = await reasonsToKeep(work, orderOf(emptied));
  if (kept.length === 0 && work.book.totals().left > 0) kept = await wipe(work, signal);
  if (hasNew()) return;
  let isFirst = true;
  const reasons = async (): Promise<KeepReason[] | null> => {
    if (kept.length > 0) {
      if (mayHaveEnded(kept, tending) && (await reasonsToKeep(work, orderOf(emptied))).length === 0)
        kept = await wipe(work, signal);
      if (hasNew()) return null;
    } else if (!isFirst) {
      await listCard(work, signal);
      const { left, skipped } = work.book.totals();
      if (left === 0 && skipped === 0) return kept;
      if (mayReturn) return null;
      kept = ["not-imported"];
    }
    isFirst = false;
    return kept;
  };
  await tending.tend(work.driver, introduced, { reasons, to: work.to }, signal);
}

/** What kept the files is a person's word, or another recorder of the same serial: either may have changed. */
function mayHaveEnded(kept: readonly KeepReason[], { isWipeOrdered }: Tending): boolean {
  return isWipeOrdered || kept.includes("recorder-twice");
}

function orderOf({ trust, tending }: Emptied): WipeOrder {
  return { ...trust, isOrdered: tending.isWipeOrdered };
}

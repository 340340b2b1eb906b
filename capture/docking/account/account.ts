import type { DockAccount } from "../../../crypto/entry/dock-types.ts";
import type { CardBook } from "../card/card-book.ts";

/** An entry holds 16 KiB: so much of it may be what was left out. */
const MAX_SKIPPED_BYTES = 8 * 1024;

/** What the dock knows of a card at undocking, but for the digest of the inventory that lists its files. */
export function accountOf(bay: string, serial: string, book: CardBook): Omit<DockAccount, "inventory"> {
  const totals = book.totals();
  const files = [...book.files()];
  const left = [
    ...book.skipped,
    ...files.flatMap(({ file, fate }) => {
      if (fate.kind === "failed") return [{ path: file.path, reason: fate.reason }];
      return fate.kind === "pending" ? [{ path: file.path, reason: "unfinished" }] : [];
    }),
  ];
  return {
    type: "dock.account",
    bay,
    serial,
    files: totals.files,
    bytes: totals.bytes,
    imported: totals.imported + totals.wiped + totals.gone,
    fresh: totals.fresh,
    listed: book.isListed,
    left_out: left.length,
    skipped: firstOf(left),
    wiped: totals.wiped,
  };
}

/** The first of them that an entry has room for; `left_out` counts them all, and the inventory lists them. */
function firstOf(left: readonly { path: string; reason: string }[]): { path: string; reason: string }[] {
  const first: { path: string; reason: string }[] = [];
  let bytes = 0;
  for (const item of left) {
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    if (bytes > MAX_SKIPPED_BYTES) break;
    first.push(item);
  }
  return first;
}

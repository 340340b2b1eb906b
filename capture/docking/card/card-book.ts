import type { Listed, RecorderFile } from "../../../drivers/recorders/recorder-driver.ts";

/** What became of one file of a card. */
export type FileFate =
  | { kind: "pending" }
  /** In the ledger, whole; `fresh`: since this docking. */
  | { kind: "imported"; rec: string; fileDigest: string; fresh: boolean }
  /** Not, or not whole: it stays on the card. */
  | { kind: "failed"; reason: string }
  /** `receipt`: hex digest of the one that covered it. */
  | { kind: "wiped"; rec: string; fileDigest: string; fresh: boolean; receipt: string };

export interface CardFile {
  readonly file: RecorderFile;
  /** Another file of the same listing has the same claims: they do not tell which of the two the ledger holds. */
  isTwin: boolean;
  fate: FileFate;
}

/** How many files of a card are in which state, and their bytes. */
export interface CardTotals {
  files: number;
  bytes: number;
  pending: number;
  imported: number;
  fresh: number;
  failed: number;
  wiped: number;
  skipped: number;
  /** Bytes of files that are in the ledger. */
  doneBytes: number;
}

/**
 * What is on a card and what became of each file, over all listings of one docking. A file is one by its
 * claims: path, length and time. One that changed between two listings is another file.
 */
export class CardBook {
  readonly #files = new Map<string, CardFile>();
  #skipped: { path: string; reason: string }[] = [];
  #listings = 0;

  /** Takes a whole listing; answers the files that were not known yet. What has vanished is forgotten, unless it was wiped. */
  take(listing: readonly Listed[]): CardFile[] {
    const seen = new Set<string>();
    const claimed = new Map<string, number>();
    const added: CardFile[] = [];
    this.#skipped = [];
    for (const item of listing) {
      if (item.kind === "skipped") {
        this.#skipped.push({ path: item.path, reason: item.reason });
        continue;
      }
      const claims = keyOf(item.file);
      const nth = (claimed.get(claims) ?? 0) + 1;
      claimed.set(claims, nth);
      const key = `${nth}/${claims}`;
      seen.add(key);
      const known = this.#files.get(key);
      if (known?.fate.kind === "wiped") {
        // it was told to be removed, and is there: in the ledger, and on the card
        const { rec, fileDigest, fresh } = known.fate;
        known.fate = { kind: "imported", rec, fileDigest, fresh };
      }
      if (known !== undefined) continue;
      const entry: CardFile = { file: item.file, isTwin: nth > 1, fate: { kind: "pending" } };
      const first = this.#files.get(`1/${claims}`);
      if (nth > 1 && first !== undefined) first.isTwin = true;
      this.#files.set(key, entry);
      added.push(entry);
    }
    for (const [key, { fate }] of this.#files) {
      if (!seen.has(key) && fate.kind !== "wiped" && fate.kind !== "imported") this.#files.delete(key);
    }
    this.#listings++;
    return added;
  }

  /** True once the card has been listed whole. */
  get isListed(): boolean {
    return this.#listings > 0;
  }

  files(): IterableIterator<CardFile> {
    return this.#files.values();
  }

  get skipped(): readonly { path: string; reason: string }[] {
    return this.#skipped;
  }

  totals(): CardTotals {
    const totals: CardTotals = {
      files: 0,
      bytes: 0,
      pending: 0,
      imported: 0,
      fresh: 0,
      failed: 0,
      wiped: 0,
      skipped: this.#skipped.length,
      doneBytes: 0,
    };
    for (const { file, fate } of this.#files.values()) {
      totals.files++;
      totals.bytes += file.bytes;
      totals[fate.kind]++;
      if (fate.kind !== "imported" && fate.kind !== "wiped") continue;
      totals.doneBytes += file.bytes;
      if (fate.fresh) totals.fresh++;
    }
    return totals;
  }
}

function keyOf({ path, bytes, modifiedMs }: RecorderFile): string {
  return `${bytes}/${modifiedMs ?? ""}/${path}`;
}

import { setImmediate } from "node:timers/promises";
import type { Listed, RecorderFile } from "../../../drivers/recorders/recorder-driver.ts";

/** What became of one file of a card. */
export type FileFate =
  | { kind: "pending" }
  /** In the ledger, whole; `fresh`: since this docking. */
  | { kind: "imported"; rec: string; fileDigest: string; fresh: boolean }
  /** Not, or not whole: it stays on the card. */
  | { kind: "failed"; reason: string }
  /** `receipt`: hex digest of the one that covered it. */
  | { kind: "wiped"; rec: string; fileDigest: string; fresh: boolean; receipt: string }
  /** In the ledger, whole, and not on the card any more, though this dock did not remove it. */
  | { kind: "gone"; rec: string; fileDigest: string; fresh: boolean };

export interface CardFile {
  readonly file: RecorderFile;
  /** Another file of the same listing has the same claims: they do not tell which of the two the ledger holds. */
  isTwin: boolean;
  /** It was gone from the card and is back: whether it is the same file, only its bytes tell. */
  isBack: boolean;
  /** Its bytes are not those that were imported under its claims before. */
  isChanged: boolean;
  fate: FileFate;
}

/** A file, and where it stood in the listings. */
interface Entry extends CardFile {
  /** Number of the listing that it was seen in last. */
  listing: number;
  /** Files with its claims in that listing, counted at the first of them. */
  copies: number;
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
  gone: number;
  /** Those that are on the card now. */
  left: number;
  changed: number;
  skipped: number;
  /** Bytes of files that are in the ledger. */
  doneBytes: number;
}

/** A card of many files must not hold up the other bays. */
const TAKEN_AT_ONCE = 500;

/**
 * What is on a card and what became of each file, over all listings of one docking. A file is one by its
 * claims: path, length and time. One that changed between two listings is another file.
 */
export class CardBook {
  readonly #files = new Map<string, Entry>();
  #skipped: { path: string; reason: string }[] = [];
  #listings = 0;

  /**
   * Takes a whole listing; answers the files that are to be looked at. What has vanished is forgotten, unless the
   * ledger holds it.
   */
  async take(listing: readonly Listed[]): Promise<CardFile[]> {
    const number = this.#listings + 1;
    const added: CardFile[] = [];
    const skipped: { path: string; reason: string }[] = [];
    for (const [i, item] of listing.entries()) {
      if (i % TAKEN_AT_ONCE === TAKEN_AT_ONCE - 1) await setImmediate();
      if (item.kind === "skipped") {
        skipped.push({ path: item.path, reason: item.reason });
        continue;
      }
      const entry = this.#see(item.file, number);
      if (entry !== null) added.push(entry);
    }
    this.#skipped = skipped;
    await this.#forgetUnseen(number);
    this.#listings = number;
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
      gone: 0,
      left: 0,
      changed: 0,
      skipped: this.#skipped.length,
      doneBytes: 0,
    };
    for (const { file, fate, isChanged } of this.#files.values()) {
      totals.files++;
      totals.bytes += file.bytes;
      totals[fate.kind]++;
      if (fate.kind !== "wiped" && fate.kind !== "gone") totals.left++;
      if (isChanged) totals.changed++;
      if (fate.kind === "pending" || fate.kind === "failed") continue;
      totals.doneBytes += file.bytes;
      if (fate.fresh) totals.fresh++;
    }
    return totals;
  }

  /** The entry of a file that is listed, if there is anything to find out about it. */
  #see(file: RecorderFile, listing: number): CardFile | null {
    const claims = keyOf(file);
    const first = this.#files.get(claims);
    const isTwin = first?.listing === listing;
    if (isTwin) {
      first.isTwin = true;
      first.copies++;
    }
    const key = isTwin ? `${claims}\0${first.copies}` : claims;
    const known = this.#files.get(key);
    if (known === undefined) {
      const fate = { kind: "pending" } as const;
      const entry: Entry = { file, isTwin, isBack: false, isChanged: false, fate, listing, copies: 1 };
      this.#files.set(key, entry);
      return entry;
    }
    known.listing = listing;
    known.copies = 1;
    if (known.fate.kind === "wiped") {
      // it was told to be removed, and is there: in the ledger, and on the card
      const { rec, fileDigest, fresh } = known.fate;
      known.fate = { kind: "imported", rec, fileDigest, fresh };
    }
    if (known.fate.kind !== "gone") return null;
    known.isBack = true;
    known.fate = { kind: "pending" };
    return known;
  }

  async #forgetUnseen(number: number): Promise<void> {
    let at = 0;
    for (const [key, entry] of this.#files) {
      if (++at % TAKEN_AT_ONCE === 0) await setImmediate();
      const { listing, fate } = entry;
      if (listing === number || fate.kind === "wiped" || fate.kind === "gone") continue;
      if (fate.kind === "imported") entry.fate = { ...fate, kind: "gone" };
      else this.#files.delete(key);
    }
  }
}

/** Holds no NUL: `claimedPath` writes that as `%00`. */
function keyOf({ path, bytes, modifiedMs }: RecorderFile): string {
  return `${bytes}/${modifiedMs ?? ""}/${path}`;
}

import { AgentError } from "../../../config/base/errors.ts";
import type { Listed, RecorderDriver } from "../../../drivers/recorders/recorder-driver.ts";
import type { BayState } from "../bay-state.ts";
import type { DockingParts } from "../docking-parts.ts";
import { askPatiently } from "../introduction.ts";
import type { CardBook, CardFile } from "./card-book.ts";

/** 200,000 files of a maker's names have half of it; it bounds what a fiction of a card costs in memory. */
const MAX_LETTERS = 2 ** 24;
/** A card of 20,000 files over a slow link takes some minutes. */
const LIST_MS = 20 * 60_000;

/** The card of one docked recorder on its way into the ledger, and then off the recorder. */
export interface Emptying {
  readonly bay: string;
  readonly serial: string;
  readonly driver: RecorderDriver;
  readonly book: CardBook;
  readonly parts: DockingParts;
  /** Who had it, for the recordings. */
  readonly wearer: () => string | undefined;
  /** True for files that somebody wants first. */
  readonly isPreferred: (path: string) => boolean;
  readonly to: (state: BayState) => void;
  /** Bytes of the files under way that are read. */
  readonly onProgress: (path: string, doneBytes: number) => void;
}

/** Lists the card into the book; answers what was not known of it yet. */
export async function listCard({ driver, book, parts }: Emptying, signal: AbortSignal): Promise<CardFile[]> {
  const list = async () => {
    const listing: Listed[] = [];
    const endUs = parts.clock.monoUs() + LIST_MS * 1000;
    let letters = 0;
    for await (const item of driver.list(signal)) {
      letters += (item.kind === "file" ? item.file.path : item.path).length;
      if (letters > MAX_LETTERS) throw new AgentError("recorder-listing", `more than ${MAX_LETTERS} letters`);
      if (parts.clock.monoUs() > endUs) throw new AgentError("recorder-listing", `longer than ${LIST_MS} ms`);
      listing.push(item);
    }
    return listing;
  };
  return book.take(await askPatiently(list, parts, signal));
}

import type { Listed, RecorderDriver } from "../../drivers/recorders/recorder-driver.ts";
import type { BayState } from "./bay-state.ts";
import type { CardBook, CardFile } from "./card-book.ts";
import type { DockingParts } from "./docking-parts.ts";
import { askPatiently } from "./introduction.ts";

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
    for await (const item of driver.list(signal)) listing.push(item);
    return listing;
  };
  return book.take(await askPatiently(list, parts, signal));
}

import { AgentError } from "../../../config/base/errors.ts";
import { type Listed, MAX_LISTED, type RecorderDriver } from "../../../drivers/recorders/recorder-driver.ts";
import type { BayState } from "../bay-state.ts";
import type { DockingParts } from "../docking-parts.ts";
import { askPatiently } from "../introduction.ts";
import type { CardBook, CardFile } from "./card-book.ts";

/** 50,000 files of a maker's names have a third of it; it bounds what a fiction of a card costs in memory. */
const MAX_LETTERS = 2 ** 23;
/** 50,000 objects at 12 ms each, which is slow for the two questions that MTP may have to ask of one. */
const LIST_MS = 10 * 60_000;

/** The card of one docked recorder on its way into the ledger, and then off the recorder. */
export interface Emptying {
  readonly bay: string;
  readonly serial: string;
  readonly driver: RecorderDriver;
  readonly book: CardBook;
  readonly parts: DockingParts;
  /** Seq of its `dock.attach`: what began before was begun in another docking. */
  readonly sinceSeq: number;
  /** Who had it, for the recordings. */
  readonly wearer: () => string | undefined;
  /** Paths of files that somebody wants first. */
  readonly preferred: () => ReadonlySet<string>;
  readonly to: (state: BayState) => void;
  /** Bytes of the files under way that are read. */
  readonly onProgress: (path: string, doneBytes: number) => void;
}

/**
 * Lists the card into the book; answers what is to be looked at. Throws `recorder-listing` for a listing that is
 * too long in whatever way, one that tells nothing and never ends among them.
 */
export async function listCard(work: Emptying, signal: AbortSignal): Promise<CardFile[]> {
  const { parts, book } = work;
  return await book.take(await askPatiently(() => listing(work, signal), parts, signal));
}

async function listing({ driver, parts: { clock } }: Emptying, signal: AbortSignal): Promise<Listed[]> {
  const over = new AbortController();
  const late = clock.sleep(LIST_MS, over.signal).then(() => {
    throw endless(`longer than ${LIST_MS} ms`);
  });
  try {
    return await Promise.race([collect(driver.list(AbortSignal.any([signal, over.signal]))), late]);
  } finally {
    over.abort(new AgentError("recorder-gone", "no longer listed"));
  }
}

async function collect(entries: AsyncIterable<Listed>): Promise<Listed[]> {
  const listed: Listed[] = [];
  let letters = 0;
  for await (const item of entries) {
    listed.push(item);
    letters += (item.kind === "file" ? item.file.path : item.path).length;
    if (listed.length > MAX_LISTED) throw endless(`more than ${MAX_LISTED} objects`);
    if (letters > MAX_LETTERS) throw endless(`more than ${MAX_LETTERS} letters`);
  }
  return listed;
}

const endless = (why: string) => new AgentError("recorder-listing", why);

import type { MediaRow } from "../../../crypto/ledger/db/tables/media.ts";
import type { HeldReason, PolicyView } from "./upload-policy.ts";

/** Rows looked at: a queue that is longer is told as far as that. */
const MAX_ROWS = 20_000;

/** One recording, or all photos and documents, of which media waits. */
export interface QueueItem {
  /** Null: photos and documents of no recording. */
  rec: string | null;
  files: number;
  bytes: number;
  /** Seq of the first entry that waits. */
  seq: number;
  /** Moved to the front by a person. */
  first: boolean;
  /** Why it waits though there may be a connection; null: it is its turn, or others' before it. */
  held: HeldReason | null;
  /** Until it has gone, if all goes on like this; null: nobody knows. */
  etaMs: number | null;
}

export interface QueueView {
  items: QueueItem[];
  /** True: there is more than is told. */
  more: boolean;
}

export interface QueueParts {
  /** What waits, in order; a row may come twice. */
  rows: Iterable<MediaRow>;
  first: readonly string[];
  /** Those of them that may go over this network. */
  going: Iterable<MediaRow>;
  view: PolicyView;
  limit: number;
  /** Media bytes a second as measured; null: nothing was sent lately. */
  sentBytesS: number | null;
}

/** What waits, in the order that it would go. */
export function queueOf(parts: QueueParts): QueueView {
  const items = new Map<string, QueueItem>();
  const going = goingNow(parts);
  const seen = new Set<number>();
  let more = false;
  for (const row of parts.rows) {
    if (seen.has(row.seq)) continue;
    if (seen.size >= MAX_ROWS) {
      more = true;
      break;
    }
    seen.add(row.seq);
    const item = items.get(row.rec ?? "");
    if (item !== undefined) {
      item.files++;
      item.bytes += row.bytes;
      item.seq = Math.min(item.seq, row.seq);
    } else if (items.size >= parts.limit) {
      more = true;
    } else {
      const { rec, bytes, seq } = row;
      const first = rec !== null && parts.first.includes(rec);
      const held = parts.view.held ?? (going.has(rec ?? "") ? null : "network");
      items.set(rec ?? "", { rec, bytes, seq, files: 1, first, held, etaMs: null });
    }
  }
  return { items: timed([...items.values()], parts), more };
}

/** Recordings of which something may go; empty text: photos and documents. */
function goingNow({ going }: QueueParts): Set<string> {
  const found = new Set<string>();
  let looked = 0;
  for (const { rec } of going) {
    found.add(rec ?? "");
    if (++looked >= MAX_ROWS) break;
  }
  return found;
}

function timed(items: QueueItem[], { view, sentBytesS }: QueueParts): QueueItem[] {
  const limit =
    view.rateBytesS === 0 || view.nowUntilMs !== null ? Number.POSITIVE_INFINITY : view.rateBytesS;
  const rate = Math.min(limit, sentBytesS ?? limit);
  let bytes = 0;
  for (const item of items) {
    // what is held back keeps nothing waiting behind it
    if (item.held === null) bytes += item.bytes;
    const isKnown = item.held === null && Number.isFinite(rate) && rate > 0;
    item.etaMs = isKnown ? Math.ceil((bytes * 1000) / rate) : null;
  }
  return items;
}

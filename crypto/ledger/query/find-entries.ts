import { type JsonObject, parseBody } from "../../bytes/canonical.ts";
import { DAY_MS } from "../db/derived.ts";
import type { LedgerReader, StoredEntry } from "../db/reader.ts";
import type { SeqSpan } from "../db/tables/entry-index.ts";

/** What entries are looked for; every part that is there must hold. */
export interface EntryFilter {
  type?: string;
  /** Of the entry's own wall clock, `untilMs` not included. */
  sinceMs?: number;
  untilMs?: number;
  rec?: string;
  activity?: string;
}

export interface FoundEntry extends StoredEntry {
  parsed: JsonObject;
}

/** Which of the matching entries: the last below seq `before`, or the first above seq `after`. */
export type Page = { before: number } | { after: number };

const PAGE_ENTRIES = 512;
const PAGE_BYTES = 4 * 2 ** 20;

/** At most `limit` matching entries of the page, in order of seq, and whether there are more of them. */
export function findEntries(
  reader: LedgerReader,
  filter: EntryFilter,
  page: Page,
  limit: number,
): { entries: FoundEntry[]; more: boolean } {
  const isDown = "before" in page;
  const span = spanOf(reader, filter, page);
  const entries: FoundEntry[] = [];
  for (const entry of candidates(reader, filter, span, isDown)) {
    const parsed = parseBody(entry.body);
    if (!matches(parsed, filter)) continue;
    if (entries.length === limit) return { entries: inOrder(entries, isDown), more: true };
    entries.push({ ...entry, parsed });
  }
  return { entries: inOrder(entries, isDown), more: false };
}

function inOrder(entries: FoundEntry[], isDown: boolean): FoundEntry[] {
  return isDown ? entries.reverse() : entries;
}

/** Seqs among which all that can match lie: whole days, since a day's clock may have stepped. */
function spanOf(reader: LedgerReader, { sinceMs, untilMs }: EntryFilter, page: Page): SeqSpan {
  const asked =
    "before" in page
      ? { from: 0, to: Math.min(page.before, reader.size()) }
      : { from: page.after + 1, to: reader.size() };
  if (sinceMs === undefined && untilMs === undefined) return asked;
  const days = reader.index.spanOfDays(
    Math.floor((sinceMs ?? 0) / DAY_MS),
    Math.floor((untilMs ?? Number.MAX_SAFE_INTEGER) / DAY_MS),
  );
  if (days === null) return { from: 0, to: 0 };
  return { from: Math.max(asked.from, days.from), to: Math.min(asked.to, days.to) };
}

function* candidates(
  reader: LedgerReader,
  filter: EntryFilter,
  span: SeqSpan,
  isDown: boolean,
): Generator<StoredEntry> {
  const seqs = indexedSeqs(reader, filter, span, isDown);
  if (seqs === null) yield* isDown ? downwards(reader, span) : upwards(reader, span);
  else for (const seq of seqs) yield reader.entry(seq) as StoredEntry;
}

/** What the narrowest index gives; null: nothing narrows the span. */
function indexedSeqs(
  reader: LedgerReader,
  { rec, activity, type, sinceMs, untilMs }: EntryFilter,
  span: SeqSpan,
  isDown: boolean,
): Iterable<number> | null {
  if (rec !== undefined) return ordered(reader.recordings.seqsOf(rec), span, isDown);
  if (activity !== undefined) return ordered(reader.activities.seqs(activity), span, isDown);
  if (type !== undefined) return isDown ? reader.index.seqsDown(type, span) : reader.index.seqsUp(type, span);
  if (sinceMs === undefined && untilMs === undefined) return null;
  return reader.index.seqsOfTime(span, sinceMs ?? 0, untilMs ?? Number.MAX_SAFE_INTEGER, isDown);
}

function ordered(seqs: readonly number[], { from, to }: SeqSpan, isDown: boolean): number[] {
  const within = seqs.filter((seq) => seq >= from && seq < to);
  return isDown ? within.reverse() : within;
}

function* upwards(reader: LedgerReader, { from, to }: SeqSpan): Generator<StoredEntry> {
  for (let at = from; at < to; ) {
    const page = reader.entries(at, Math.min(PAGE_ENTRIES, to - at), PAGE_BYTES);
    if (page.length === 0) return;
    yield* page;
    at = (page.at(-1) as StoredEntry).seq + 1;
  }
}

function* downwards(reader: LedgerReader, { from, to }: SeqSpan): Generator<StoredEntry> {
  for (let seq = to - 1; seq >= from; seq--) {
    const entry = reader.entry(seq);
    if (entry !== null) yield entry;
  }
}

function matches(body: JsonObject, { type, sinceMs, untilMs, rec, activity }: EntryFilter): boolean {
  const utcMs = (body.t as JsonObject).utc_ms as number;
  return (
    (type === undefined || body.type === type) &&
    (rec === undefined || body.rec === rec) &&
    (activity === undefined || body.activity === activity) &&
    (sinceMs === undefined || utcMs >= sinceMs) &&
    (untilMs === undefined || utcMs < untilMs)
  );
}

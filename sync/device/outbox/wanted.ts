import type { Range } from "../../../crypto/bytes/ranges.ts";
import type { MediaIndex, MediaRow } from "../../../crypto/ledger/db/tables/media.ts";
import type { RecordingIndex, WantedRecording } from "../../../crypto/ledger/db/tables/recordings.ts";

/** What media goes first; media that no preference names does not go at all. */
export type Preference = "documents" | "linked" | "marked" | "activities" | "newest" | "oldest";

export const USUAL_ORDER: readonly Preference[] = ["documents", "linked", "marked", "activities", "newest"];

export interface MediaSource {
  readonly media: Pick<MediaIndex, "within" | "of" | "documentsWithin">;
  readonly recordings: Pick<RecordingIndex, "wanted">;
}

const PAGE = 64;

/**
 * Media entries whose seq lies in `gaps`, most wanted first: recordings `first`, then by preference. A row may come
 * twice, under two preferences. The caller stops when it has enough.
 */
export function* wantedMedia(
  ledger: MediaSource,
  gaps: readonly Range[],
  order: readonly Preference[],
  first: readonly string[] = [],
): Generator<MediaRow> {
  if (gaps.length === 0) return;
  for (const rec of first) yield* ofRecording(ledger, gaps, rec);
  for (const preference of order) {
    switch (preference) {
      case "documents":
        for (const [from, to] of gaps)
          yield* upwards(from, to, (at, end) => ledger.media.documentsWithin(at, end, PAGE));
        break;
      case "linked":
        yield* ofRecordings(ledger, gaps, ({ linked }) => linked);
        break;
      case "marked":
        yield* ofRecordings(ledger, gaps, ({ marked }) => marked);
        break;
      case "activities":
        yield* ofRecordings(ledger, gaps, ({ marked, linked }) => !marked && !linked);
        break;
      case "newest":
        for (const [from, to] of gaps.toReversed()) yield* downwards(ledger, from, to);
        break;
      case "oldest":
        for (const [from, to] of gaps)
          yield* upwards(from, to, (at, end) => ledger.media.within(at, end, "oldest", PAGE));
        break;
    }
  }
}

function* ofRecordings(
  ledger: MediaSource,
  gaps: readonly Range[],
  isMeant: (recording: WantedRecording) => boolean,
): Generator<MediaRow> {
  const [first] = gaps;
  if (first === undefined) return;
  for (const recording of ledger.recordings.wanted(first[0])) {
    if (!isMeant(recording)) continue;
    yield* ofRecording(ledger, gaps, recording.rec);
  }
}

function* ofRecording(ledger: MediaSource, gaps: readonly Range[], rec: string): Generator<MediaRow> {
  for (const [from, to] of gaps) {
    yield* upwards(from, to, (at, end) => ledger.media.of(rec, at, end, PAGE));
  }
}

function* upwards(
  from: number,
  to: number,
  read: (at: number, to: number) => MediaRow[],
): Generator<MediaRow> {
  for (let at = from; at < to; ) {
    const page = read(at, to);
    yield* page;
    if (page.length < PAGE) return;
    at = (page.at(-1) as MediaRow).seq + 1;
  }
}

function* downwards(ledger: MediaSource, from: number, to: number): Generator<MediaRow> {
  for (let end = to; from < end; ) {
    const page = ledger.media.within(from, end, "newest", PAGE);
    yield* page;
    if (page.length < PAGE) return;
    end = (page.at(-1) as MediaRow).seq;
  }
}

import type { EntryEnvelope } from "../../../crypto/entry/envelope.ts";
import type { GapReason, MediaGap } from "../../../crypto/entry/ledger-types.ts";
import type { LiveChunk, RecordingStart, RecordingStop } from "../../../crypto/entry/recording-types.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";

export interface GapFact {
  seq: number;
  reason: GapReason;
  fromUs: number;
  toUs: number;
}

/** One recording as its entries tell it. */
export interface RecordingFacts {
  rec: string;
  origin: "live" | "import";
  wearer: string | null;
  /** Claimed wall time of its first picture, pre-event time included. */
  startedMs: number;
  /** Null without a stop. */
  endedMs: number | null;
  hasSound: boolean;
  hasPicture: boolean;
  /** End of its last chunk in media time; 0 for imports, whose length nobody measured. */
  mediaUs: number;
  gaps: GapFact[];
  /** Moments at which a chunk does not begin where the one before it ended, and no gap says why. */
  unexplainedUs: number[];
  photoSeqs: number[];
}

type Entry = (RecordingStart | LiveChunk | MediaGap | RecordingStop | { type: "recording.photo" }) &
  EntryEnvelope;

/** Reads a recording, its chunks' times one against the next; null: the ledger has none of that id. */
export function recordingFacts(reader: LedgerReader, rec: string): RecordingFacts | null {
  const startSeq = reader.recordings.startedAt(rec);
  if (startSeq === null) return null;
  const start = reader.body(startSeq) as unknown as RecordingStart & EntryEnvelope;
  const kinds = new Set(start.tracks.map(({ kind }) => kind));
  const facts: RecordingFacts = {
    rec,
    origin: start.origin,
    wearer: start.wearer ?? null,
    startedMs: start.t.utc_ms - start.pre_event_ms,
    endedMs: null,
    hasSound: kinds.has("audio"),
    hasPicture: kinds.has("video"),
    mediaUs: 0,
    gaps: [],
    unexplainedUs: [],
    photoSeqs: [],
  };
  for (const seq of reader.recordings.seqsOf(rec)) add(facts, seq, reader.body(seq) as unknown as Entry);
  return facts;
}

function add(facts: RecordingFacts, seq: number, entry: Entry): void {
  switch (entry.type) {
    case "recording.chunk":
      if (facts.origin === "live") addChunk(facts, entry);
      return;
    case "device.gap":
      facts.gaps.push({ seq, reason: entry.reason, fromUs: entry.from_us, toUs: entry.to_us });
      return;
    case "recording.photo":
      facts.photoSeqs.push(seq);
      return;
    case "recording.stop":
      facts.endedMs ??= entry.t.utc_ms;
      return;
    case "recording.start":
      return;
  }
}

function addChunk(facts: RecordingFacts, { n, from_us: fromUs, to_us: toUs }: LiveChunk): void {
  // the initialisation segment takes no time
  if (n === 0) return;
  const isExplained = facts.gaps.some(
    (gap) => gap.reason !== "muted" && gap.fromUs === facts.mediaUs && gap.toUs === fromUs,
  );
  if (fromUs !== facts.mediaUs && facts.mediaUs > 0 && !isExplained) facts.unexplainedUs.push(facts.mediaUs);
  facts.mediaUs = toUs;
}

import type { EntryEnvelope } from "../../../../crypto/entry/envelope.ts";
import type { MediaGap } from "../../../../crypto/entry/ledger-types.ts";
import type { LiveChunk, RecordingStart, RecordingStop } from "../../../../crypto/entry/recording-types.ts";
import type { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { MAX_AHEAD_US } from "../gap-account.ts";
import type { CoverageFacts } from "../gap-types.ts";

type Entry = (LiveChunk | MediaGap | RecordingStop | { type: "recording.start" }) & EntryEnvelope;

/**
 * Reads a live recording, one chunk after the other: what adjoins is kept as one stretch. Null: it was imported,
 * and how long its picture is nobody measured.
 */
export function readCoverage(reader: LedgerReader, rec: string, startSeq: number): CoverageFacts | null {
  const start = reader.body(startSeq) as unknown as RecordingStart & EntryEnvelope;
  if (start.origin !== "live") return null;
  const preEventUs = start.pre_event_ms * 1000;
  const facts: CoverageFacts = {
    rec,
    startSeq,
    wearer: start.wearer ?? null,
    boot: start.t.boot,
    zeroMonoUs: start.t.mono_us - preEventUs,
    preEventUs,
    covered: [],
    gaps: [],
    stop: null,
    aheadUs: 0,
  };
  for (const seq of reader.recordings.seqsOf(rec)) add(facts, seq, reader.body(seq) as unknown as Entry);
  return facts;
}

function add(facts: CoverageFacts, seq: number, entry: Entry): void {
  switch (entry.type) {
    case "recording.chunk":
      if (entry.n > 0) addChunk(facts, seq, entry);
      return;
    case "device.gap":
      facts.gaps.push({ seq, reason: entry.reason, fromUs: entry.from_us, toUs: entry.to_us });
      return;
    case "recording.stop":
      facts.stop ??= {
        seq,
        reason: entry.reason,
        monoUs: entry.t.boot === facts.boot ? entry.t.mono_us : null,
      };
      return;
    case "recording.start":
      return;
  }
}

/** A chunk covers no more than the time that had passed when it was signed. */
function addChunk(
  facts: CoverageFacts,
  seq: number,
  { from_us: fromUs, to_us, t }: LiveChunk & EntryEnvelope,
): void {
  let toUs = to_us;
  // one that was found after a crash was signed by another run's clock
  if (t.boot === facts.boot) {
    const passedUs = t.mono_us - facts.zeroMonoUs;
    facts.aheadUs = Math.max(facts.aheadUs, to_us - passedUs);
    toUs = Math.min(to_us, passedUs + MAX_AHEAD_US);
  }
  if (toUs <= fromUs) return;
  const last = facts.covered.at(-1);
  if (last?.toUs === fromUs) last.toUs = toUs;
  else facts.covered.push({ fromUs, toUs, nextSeq: seq });
}

import type { EntryEnvelope } from "../../../../crypto/entry/envelope.ts";
import type { Genesis } from "../../../../crypto/entry/ledger-types.ts";
import type { RecordingStart } from "../../../../crypto/entry/recording-types.ts";
import type { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import type { RecordingSeqs } from "../../../../crypto/ledger/db/tables/records.ts";
import type { CoverageFacts, DeviceFacts, RunFacts, Span, Subject } from "../gap-types.ts";
import { readCoverage } from "./coverage.ts";
import { readOutages, readRuns, seqAt } from "./runs.ts";

/** A pre-event buffer is shorter; a recording that begins in the span is signed so much after it at most. */
const PRE_EVENT_US = 600_000_000;
/** So many recordings back somebody looks for whose recorder it is. */
const WEARERS_LOOKED_AT = 200;

/**
 * What one ledger knows of a span. Null: it takes no part. A recorder takes part for a wearer if it recorded for
 * him in the span, or recorded for nobody after it last recorded for him; for an activity if one of its recordings
 * is there. A dock films nothing.
 */
export function readDeviceFacts(reader: LedgerReader, subject: Subject, span: Span): DeviceFacts | null {
  const genesis = reader.body(0) as unknown as Genesis & EntryEnvelope;
  if (genesis.role !== "recorder") return null;
  const runs = readRuns(reader);
  const recordings: CoverageFacts[] = [];
  let firstSeq = reader.size();
  for (const run of runs.filter((one) => touches(one, span))) {
    firstSeq = Math.min(firstSeq, seqAt(reader, run, (span.fromMs - run.zeroMs) * 1000));
    run.gaps = readOutages(reader, run);
    for (const { rec, startSeq } of recordingsWithin(reader, run, span)) {
      const facts = readCoverage(reader, rec, startSeq);
      if (facts !== null) recordings.push(facts);
    }
  }
  const facts = { dev: genesis.dev, chunkMs: genesis.chunk_ms, runs, recordings };
  return takesPart(reader, subject, facts, firstSeq) ? facts : null;
}

function touches({ zeroMs, lastMonoUs }: RunFacts, { fromMs, toMs }: Span): boolean {
  return zeroMs < toMs && zeroMs + lastMonoUs / 1000 >= fromMs;
}

/** Those that may reach into the span, and the last that ended before it: since when the recorder was idle. */
function recordingsWithin(reader: LedgerReader, run: RunFacts, { fromMs, toMs }: Span): RecordingSeqs[] {
  const monoUs = (ms: number) => (ms - run.zeroMs) * 1000;
  const from = seqAt(reader, run, monoUs(fromMs));
  const to = seqAt(reader, run, monoUs(toMs) + PRE_EVENT_US);
  const within = reader.records.startedWithin({ from: run.firstSeq, to }, from);
  const before = reader.records.lastStopped({ from: run.firstSeq, to: from });
  return before === null ? within : [before, ...within];
}

function takesPart(
  reader: LedgerReader,
  subject: Subject,
  { recordings }: DeviceFacts,
  firstSeq: number,
): boolean {
  if ("recordings" in subject)
    return [...subject.recordings].some((rec) => reader.recordings.startedAt(rec) !== null);
  if (recordings.some(({ wearer }) => wearer === subject.wearer)) return true;
  return lastWearer(reader, firstSeq) === subject.wearer;
}

/** Whom the last recording before a seq names; null: none of the last ones names anybody. */
function lastWearer(reader: LedgerReader, seq: number): string | null {
  let looked = 0;
  for (const { startSeq } of reader.records.startedBefore(seq)) {
    const { wearer } = reader.body(startSeq) as unknown as RecordingStart;
    if (wearer !== undefined) return wearer;
    if (++looked >= WEARERS_LOOKED_AT) break;
  }
  return null;
}

import type { OtherLedger } from "../../../../crypto/entry/activity-types.ts";
import type { EntryEnvelope } from "../../../../crypto/entry/envelope.ts";
import type { LiveChunk, RecordingStart, RecordingStop } from "../../../../crypto/entry/recording-types.ts";
import type { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import type { ActivityRecord, LinkedRecording } from "../../activity/activity-record.ts";
import type { Mapping, Shared } from "./mapping.ts";

/** What is told of one thing, and which entries of the ledger say so. */
export interface Told {
  shared: Shared;
  /** The first is the entry that it begins with. */
  seqs: number[];
  /** Entries of the ledger when it last changed: the same version says the same. */
  version: number;
}

/** An activity as it stands, without its documents and recordings. */
export function tellActivity(record: ActivityRecord, dev: string, mapping: Mapping): Told {
  const { activity, open, templateSeq, documents, recordings, notes, disputes, close } = record;
  const unit = mapping.unitOf(dev);
  return {
    shared: {
      activity,
      ...(unit === null ? {} : { unit }),
      kind: open.kind,
      title: open.title,
      ...(open.place === undefined ? {} : { place: open.place }),
      officers: open.officers,
      ...(open.case_no === undefined ? {} : { case_no: open.case_no }),
      ...(open.template === undefined ? {} : { template: open.template }),
      ...(open.template_digest === undefined ? {} : { template_digest: open.template_digest }),
      opened_ms: open.utcMs,
      state: close === null ? "open" : "closed",
      disputed: disputes.length > 0,
      documents: documents.length,
      recordings: recordings.length,
      notes: notes.length,
      ...(close === null ? {} : { closed_ms: close.utcMs, outcome: close.outcome }),
      ...(close?.missing === undefined ? {} : { missing: close.missing }),
      ...(close?.reason === undefined ? {} : { reason: close.reason }),
    },
    seqs: [
      open.seq,
      ...(templateSeq === null ? [] : [templateSeq]),
      ...disputes.map(({ seq }) => seq),
      ...(close === null ? [] : [close.seq]),
    ],
    version: 1 + record.lastSeq,
  };
}

/** One document of it: never its bytes, but what they must hash to. */
export function tellDocument(
  reader: LedgerReader,
  record: ActivityRecord,
  document: ActivityRecord["documents"][number],
  mapping: Mapping,
): Told {
  const { activity, seq, stage, name, mime, answers, by, utcMs, digest, bytes, sealed } = document;
  const correction = record.notes.findLast(({ corrects }) => corrects === seq);
  const fetch = mapping.fetchOf({ dev: reader.dev, activity, digest });
  return {
    shared: {
      activity,
      seq,
      leaf: leafOf(reader, seq),
      stage,
      name,
      mime,
      ...(answers === undefined ? {} : { answers }),
      ...(by === undefined ? {} : { by }),
      attached_ms: utcMs,
      digest,
      bytes,
      sealed,
      ...(correction === undefined ? {} : { corrected_by: correction.seq }),
      ...(fetch === null ? {} : { fetch }),
    },
    seqs: [seq, ...(correction === undefined ? [] : [correction.seq])],
    version: 1 + (correction?.seq ?? seq),
  };
}

/** A recording that belongs to it, as it stood before entry `below`. Null: it is not in this ledger. */
export function tellRecording(
  reader: LedgerReader,
  activity: string,
  linked: LinkedRecording,
  below = Number.MAX_SAFE_INTEGER,
): Told | null {
  const { rec, basis, stages, seq: linkSeq, ledger } = linked;
  if (ledger !== null) return tellElsewhere(activity, linked, ledger);
  const startSeq = reader.recordings.startedAt(rec);
  if (startSeq === null) return null;
  const start = reader.body(startSeq) as unknown as RecordingStart & EntryEnvelope;
  const stop = stopOf(reader, rec, below);
  const media = reader.media.of(rec, 0, below).filter(({ type }) => type === "recording.chunk");
  const last = media.at(-1);
  return {
    shared: {
      activity,
      rec,
      dev: reader.dev,
      basis,
      stages,
      origin: start.origin,
      ...(start.wearer === undefined ? {} : { wearer: start.wearer }),
      started_ms: start.t.utc_ms - start.pre_event_ms,
      ...(stop === null ? {} : { ended_ms: stop.t.utc_ms }),
      ...(start.origin === "live" && last !== undefined
        ? { duration_ms: Math.round((reader.body(last.seq) as unknown as LiveChunk).to_us / 1000) }
        : {}),
      chunks: media.length,
      bytes: media.reduce((sum, { bytes }) => sum + bytes, 0),
      start_seq: startSeq,
      start_leaf: leafOf(reader, startSeq),
      ...(stop === null ? {} : { stop_seq: stop.seq, stop_leaf: leafOf(reader, stop.seq) }),
      ...(stop?.file_digest === undefined ? {} : { file_digest: stop.file_digest }),
    },
    seqs: [startSeq, ...(linkSeq === startSeq ? [] : [linkSeq]), ...(stop === null ? [] : [stop.seq])],
    version: 1 + Math.max(linked.lastSeq, startSeq, last?.seq ?? 0, stop?.seq ?? 0),
  };
}

/** What stands in another device's ledger is told there, and here only where that is. */
function tellElsewhere(
  activity: string,
  { rec, basis, stages, seq, lastSeq }: LinkedRecording,
  ledger: OtherLedger,
): Told {
  return {
    shared: {
      activity,
      rec,
      dev: ledger.dev,
      basis,
      stages,
      ...(ledger.seq === undefined ? {} : { start_seq: ledger.seq }),
      ...(ledger.leaf === undefined ? {} : { start_leaf: ledger.leaf }),
    },
    seqs: [seq],
    version: 1 + lastSeq,
  };
}

function leafOf(reader: LedgerReader, seq: number): string {
  return reader.node(0, seq).toString("hex");
}

function stopOf(reader: LedgerReader, rec: string, below: number): (RecordingStop & EntryEnvelope) | null {
  for (const seq of reader.recordings.statementsAbout(rec).reverse()) {
    if (seq >= below) continue;
    const body = reader.body(seq) as unknown as RecordingStop & EntryEnvelope;
    if (body.type === "recording.stop") return body;
  }
  return null;
}

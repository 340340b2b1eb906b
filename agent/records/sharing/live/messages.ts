import { AgentError } from "../../../../config/base/errors.ts";
import type { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { tlogProof } from "../../../../crypto/proof/tlog-proof.ts";
import { type ActivityRecord, readActivity } from "../../activity/activity-record.ts";
import type { Mapping } from "../view/mapping.ts";
import { type Told, tellActivity, tellDocument, tellRecording } from "../view/shared-activity.ts";

export interface ShareMessage {
  topic: string;
  payload: Buffer;
}

/** What a message is about; the third part of its topic behind the prefix. */
type What = "activity" | "document" | "recording" | "proof";

export interface Telling {
  reader: LedgerReader;
  mapping: Mapping;
  /** What topics begin with. */
  prefix: string;
  /** Entries below this seq were told before. */
  since: number;
  /** The cosigned checkpoint: nothing at or above its size is told. */
  checkpoint: { size: number; note: string };
}

/**
 * What a platform is told of an activity since `since` (sharing.md, "Live"): the activity, the documents and
 * recordings that changed, and the proof of each entry that these rest on. Empty for kinds and units that are
 * not told. A message of the same key and version is the same message whenever it is made, but for cosignatures
 * that came since.
 */
export function messagesOf(activity: string, telling: Telling): ShareMessage[] {
  const { reader, mapping, checkpoint } = telling;
  const record = readActivity(reader, activity, checkpoint.size);
  if (record === null || !mapping.tells(record.open.kind, reader.dev)) return [];
  const changed: { what: What; name: string; told: Told }[] = [
    { what: "activity" as const, name: "", told: tellActivity(record, reader.dev, mapping) },
    ...record.documents.map((document) => ({
      what: "document" as const,
      name: String(document.seq),
      told: tellDocument(reader, record, document, mapping),
    })),
    ...recordingsOf(record, telling).map((told) => ({
      what: "recording" as const,
      name: told.shared.rec as string,
      told,
    })),
  ].filter(({ told }) => told.version > telling.since);
  const seqs = new Set(changed.flatMap(({ told }) => told.seqs));
  return [
    ...changed.map(({ what, name, told }) =>
      message(telling, what, activity, name, told.version, mapping.map(told.shared)),
    ),
    ...[...seqs].sort((a, b) => a - b).map((seq) => proofMessage(telling, activity, seq)),
  ];
}

/** Those linked, and those that do not belong any more. */
function recordingsOf(record: ActivityRecord, { reader, checkpoint }: Telling): Told[] {
  const linked = new Set(record.recordings.map(({ rec }) => rec));
  const gone = new Map(
    record.unlinked.filter(({ rec }) => !linked.has(rec)).map((entry) => [entry.rec, entry]),
  );
  return [
    ...record.recordings.flatMap((own) => tellRecording(reader, record.activity, own, checkpoint.size) ?? []),
    ...[...gone.values()].map(({ rec, seq, reason, ledger }) => ({
      shared: { activity: record.activity, rec, dev: ledger?.dev ?? reader.dev, basis: "unlinked", reason },
      seqs: [seq],
      version: seq + 1,
    })),
  ];
}

function proofMessage(telling: Telling, activity: string, seq: number): ShareMessage {
  const { reader, checkpoint } = telling;
  const entry = reader.entry(seq);
  if (entry === null) throw new AgentError("entry-missing", `seq ${seq}`);
  return message(telling, "proof", activity, String(seq), checkpoint.size, {
    seq,
    leaf: entry.leaf.toString("hex"),
    // the signed bytes would tell what the configuration leaves out
    ...(telling.mapping.isWhole ? { entry: entry.body.toString("utf8") } : {}),
    proof: tlogProof(seq, entry.leaf, checkpoint.note, reader.node),
  });
}

function message(
  { reader: { dev }, prefix }: Telling,
  what: What,
  activity: string,
  name: string,
  version: number,
  data: object,
): ShareMessage {
  const key = [dev, what, activity, ...(name === "" ? [] : [name])].join("/");
  const payload = Buffer.from(JSON.stringify({ v: 1, what, key, version, dev, activity, data }));
  return { topic: `${prefix}/v1/${key}`, payload };
}

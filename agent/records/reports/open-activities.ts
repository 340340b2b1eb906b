import { errorCode } from "../../../config/base/errors.ts";
import { readTemplate, type Template } from "../../../config/templates.ts";
import type { EntryEnvelope, RecordingStart } from "../../../crypto/entry/types.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { readActivity } from "../activity/activity-record.ts";
import { completenessOf } from "../activity/completeness.ts";
import type { GapFact, RecordingFacts } from "../activity/recording-facts.ts";
import type { ActivityState } from "./tally.ts";

/** Holds activities that are still open against their templates as they stand now; reads each template once. */
export class OpenActivities {
  readonly #templates = new Map<string, Template | null>();

  judge(reader: LedgerReader, activity: string): ActivityState {
    const record = readActivity(reader, activity);
    const template = record?.open.template === undefined ? null : this.#template(record.open.template);
    if (record === null || template === null) return "open_unjudged";
    const { complete } = completenessOf(record, template, (rec) => factsInShort(reader, rec));
    return complete ? "open_complete" : "open_incomplete";
  }

  /** Null: it was written where other templates are at hand. */
  #template(name: string): Template | null {
    const known = this.#templates.get(name);
    if (known !== undefined) return known;
    const template = templateOrNull(name);
    this.#templates.set(name, template);
    return template;
  }
}

function templateOrNull(name: string): Template | null {
  try {
    return readTemplate(name);
  } catch (error) {
    if (errorCode(error) === "template-unknown") return null;
    throw error;
  }
}

/** What completeness asks of a recording, without reading its chunks one by one; null: it is not in this ledger. */
function factsInShort(reader: LedgerReader, rec: string): RecordingFacts | null {
  const startSeq = reader.recordingStartedAt(rec);
  if (startSeq === null) return null;
  const start = reader.body(startSeq) as unknown as RecordingStart & EntryEnvelope;
  const kinds = new Set(start.tracks.map(({ kind }) => kind));
  const startedMs = start.t.utc_ms - start.pre_event_ms;
  const stopSeq = reader.reports.stopOf(rec);
  return {
    rec,
    origin: start.origin,
    wearer: start.wearer ?? null,
    startedMs,
    endedMs: stopSeq === null ? null : (reader.body(stopSeq) as unknown as EntryEnvelope).t.utc_ms,
    hasSound: kinds.has("audio"),
    hasPicture: kinds.has("video"),
    mediaUs: 0,
    gaps: reader.reports.gapsOf(startSeq, startedMs).map(
      ({ seq, atMs, us, reason }): GapFact => ({
        seq,
        reason: reason as GapFact["reason"],
        fromUs: (atMs - startedMs) * 1000,
        toUs: (atMs - startedMs) * 1000 + us,
      }),
    ),
    unexplainedUs: [],
    photoSeqs: reader.reports.photosOf(rec),
  };
}

import { errorCode } from "../../../config/base/errors.ts";
import { type OwnTemplates, TemplateCatalogue } from "../../../config/template-catalogue.ts";
import type { Template } from "../../../config/templates.ts";
import type { EntryEnvelope } from "../../../crypto/entry/envelope.ts";
import type { RecordingStart } from "../../../crypto/entry/recording-types.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { MediaStore } from "../../../crypto/media/store.ts";
import { type ActivityRecord, readActivity } from "../activity/activity-record.ts";
import { templateOf } from "../activity/activity-template.ts";
import { completenessOf } from "../activity/completeness.ts";
import { lookUpOthers } from "../activity/other-ledgers.ts";
import type { GapFact, RecordingFacts } from "../activity/recording-facts.ts";
import type { ActivityState } from "./tally.ts";

/** Holds activities that are still open against their templates as they stand now; reads each template once. */
export class OpenActivities {
  readonly #own: OwnTemplates;
  readonly #templates = new Map<string, Template | null>();
  #catalogue: TemplateCatalogue | null = null;

  constructor(own: OwnTemplates) {
    this.#own = own;
  }

  /** `directory` is the ledger's: template texts and other devices' replicas are looked for there. */
  async judge(reader: LedgerReader, directory: string, activity: string): Promise<ActivityState> {
    const record = readActivity(reader, activity);
    const template = record === null ? null : this.#templateOf(record, directory);
    if (record === null || template === null) return "open_unjudged";
    const others = await lookUpOthers(record, directory, undefined);
    const { complete } = completenessOf(record, template, (rec, ledger) =>
      ledger === null ? factsInShort(reader, rec) : (others.get(rec) ?? null),
    );
    return complete ? "open_complete" : "open_incomplete";
  }

  #templateOf(record: ActivityRecord, directory: string): Template | null {
    const { template: id = "", template_digest: digest = "" } = record.open;
    const key = `${id} ${digest}`;
    const known = this.#templates.get(key);
    if (known !== undefined) return known;
    const template = templateOrNull(record, directory, () => this.#openCatalogue());
    this.#templates.set(key, template);
    return template;
  }

  #openCatalogue(): TemplateCatalogue {
    this.#catalogue ??= TemplateCatalogue.open(this.#own);
    return this.#catalogue;
  }
}

const NOT_AT_HAND = new Set(["template-unknown", "template-text-missing", "evidence-damaged"]);

/** Null: its text is not at hand as it was signed, which is for `media check` to tell, not for a report. */
function templateOrNull(record: ActivityRecord, directory: string, catalogue: () => TemplateCatalogue) {
  try {
    return templateOf(record, new MediaStore(directory), catalogue);
  } catch (error) {
    if (NOT_AT_HAND.has(errorCode(error) ?? "")) return null;
    throw error;
  }
}

/** What completeness asks of a recording, without reading its chunks one by one; null: it is not in this ledger. */
function factsInShort(reader: LedgerReader, rec: string): RecordingFacts | null {
  const startSeq = reader.recordings.startedAt(rec);
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

import type {
  ActivityClose,
  ActivityDispute,
  ActivityDocument,
  ActivityLink,
  ActivityNote,
  ActivityOpen,
  ActivityTemplate,
  ActivityUnlink,
  OtherLedger,
} from "../../../crypto/entry/activity-types.ts";
import type { EntryEnvelope } from "../../../crypto/entry/envelope.ts";
import type { RecordingStart } from "../../../crypto/entry/recording-types.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { faultyField } from "../../../crypto/proof/rules/fields.ts";

/** An entry of an activity, where it stands and what its clock claimed. */
export type Stated<Body> = Body & { seq: number; utcMs: number };

/** Why a recording belongs to an activity: it was made for it, or somebody linked it. */
export type LinkBasis = "made" | ActivityLink["basis"];

export interface LinkedRecording {
  rec: string;
  /** Of the entry that made it belong, and of the newest that says so. */
  seq: number;
  /** When that was, as its clock claimed. */
  utcMs: number;
  lastSeq: number;
  basis: LinkBasis;
  /** Another device's ledger in which it stands; null: this one. */
  ledger: OtherLedger | null;
  /** Stages of the process that it was linked for. */
  stages: string[];
}

/** A recording that does not belong any more, and the other ledger that it was linked in; null: this one. */
export type Unlinked = Stated<ActivityUnlink> & { ledger: OtherLedger | null };

/** One enforcement action as its entries tell it: nothing is overwritten, what was put right stays. */
export interface ActivityRecord {
  activity: string;
  open: Stated<ActivityOpen>;
  /** Seq of the entry that names its template's text; null: there is none. */
  templateSeq: number | null;
  documents: Stated<ActivityDocument>[];
  notes: Stated<ActivityNote>[];
  disputes: Stated<ActivityDispute>[];
  /** Those linked now, in the order they came. */
  recordings: LinkedRecording[];
  unlinked: Unlinked[];
  /** Of the newest entry that was read. */
  lastSeq: number;
  /** The first close; null while it is open. */
  close: Stated<ActivityClose> | null;
}

type Body =
  | ActivityOpen
  | ActivityTemplate
  | ActivityDocument
  | ActivityNote
  | ActivityLink
  | ActivityUnlink
  | ActivityDispute
  | ActivityClose
  | RecordingStart;

/**
 * Reads one activity as it stood before entry `below`; null: the ledger had none of that id. Entries that break the rules of their
 * type are left out.
 */
export function readActivity(
  reader: LedgerReader,
  activity: string,
  below = Number.MAX_SAFE_INTEGER,
): ActivityRecord | null {
  const row = reader.activities.find(activity);
  if (row === null) return null;
  let record: ActivityRecord | null = null;
  for (const seq of reader.activities.seqs(activity)) {
    if (seq >= below) break;
    const body = reader.body(seq) as unknown as Body & EntryEnvelope;
    if (faultyField(body.type, body as never) !== null) continue;
    const stated = { ...body, seq, utcMs: body.t.utc_ms };
    if (stated.type === "activity.open") record ??= blank(stated);
    else if (record !== null) add(record, stated);
    if (record !== null) record.lastSeq = seq;
  }
  return record;
}

function blank(open: Stated<ActivityOpen>): ActivityRecord {
  return {
    activity: open.activity,
    open,
    templateSeq: null,
    documents: [],
    notes: [],
    disputes: [],
    recordings: [],
    unlinked: [],
    lastSeq: open.seq,
    close: null,
  };
}

function add(record: ActivityRecord, entry: Stated<Exclude<Body, ActivityOpen>>): void {
  switch (entry.type) {
    case "activity.template":
      // its digest stands in the opening
      record.templateSeq ??= entry.seq;
      return;
    case "activity.document":
      record.documents.push(entry);
      return;
    case "activity.note":
      record.notes.push(entry);
      return;
    case "activity.dispute":
      record.disputes.push(entry);
      return;
    case "recording.start":
      link(record, {
        rec: entry.rec,
        seq: entry.seq,
        utcMs: entry.utcMs,
        lastSeq: entry.seq,
        basis: "made",
        ledger: null,
        stages: [],
      });
      return;
    case "activity.link":
      link(record, {
        rec: entry.rec,
        seq: entry.seq,
        utcMs: entry.utcMs,
        lastSeq: entry.seq,
        basis: entry.basis,
        ledger: entry.ledger ?? null,
        stages: entry.stage === undefined ? [] : [entry.stage],
      });
      return;
    case "activity.unlink":
      record.unlinked.push({
        ...entry,
        ledger: record.recordings.find(({ rec }) => rec === entry.rec)?.ledger ?? null,
      });
      record.recordings = record.recordings.filter(({ rec }) => rec !== entry.rec);
      return;
    case "activity.close":
      record.close ??= entry;
      return;
  }
}

/** Whether two links mean one recording: what names no place leaves it open. */
export function isSamePlace(a: OtherLedger | null, b: OtherLedger | null): boolean {
  if (a === null || b === null) return a === b;
  const isOpen = a.leaf === undefined || b.leaf === undefined;
  return a.dev === b.dev && (isOpen || (a.leaf === b.leaf && a.seq === b.seq));
}

/** A later link of the same recording adds its stage, and its place where none was named. */
function link(record: ActivityRecord, linked: LinkedRecording): void {
  const known = record.recordings.find(({ rec }) => rec === linked.rec);
  if (known === undefined) record.recordings.push(linked);
  else {
    known.stages = [...new Set([...known.stages, ...linked.stages])];
    known.lastSeq = linked.lastSeq;
    if (known.ledger?.leaf === undefined && isSamePlace(known.ledger, linked.ledger))
      known.ledger = linked.ledger;
  }
}

/** What somebody wrote, a note or an objection, as JSON tells it. */
export function toldStatement(
  statement: Stated<ActivityDispute> | Stated<ActivityNote>,
): Record<string, string | number> {
  const { seq, utcMs, text, by } = statement;
  const { stage, corrects } = statement.type === "activity.note" ? statement : {};
  return {
    seq,
    utc_ms: utcMs,
    text,
    ...(stage === undefined ? {} : { stage }),
    ...(corrects === undefined ? {} : { corrects }),
    ...(by === undefined ? {} : { by }),
  };
}

import type { MediaFields } from "./media-fields.ts";

/** The text half of the record (ledger-format §5): entries of one enforcement action, `activity` being its UUID. */

export interface ActivityOpen {
  type: "activity.open";
  activity: string;
  kind: string;
  title: string;
  place?: string;
  /** Ids of the officers. */
  officers: string[];
  case_no?: string;
  /** Id of the process template that says what the whole process must contain. */
  template?: string;
  /** SHA-256 of that template's text; the `activity.template` behind it names the same bytes. */
  template_digest?: string;
}

/** The text of the template that the activity was opened with, in the entry behind its opening; never sealed. */
export interface ActivityTemplate extends MediaFields {
  type: "activity.template";
  activity: string;
  template: string;
  mime: string;
}

export interface ActivityDocument extends MediaFields {
  type: "activity.document";
  activity: string;
  stage: string;
  /** File name as it was given. */
  name: string;
  mime: string;
  /** Requirement of the stage that it answers. */
  answers?: string;
  by?: string;
}

export interface ActivityNote {
  type: "activity.note";
  activity: string;
  text: string;
  stage?: string;
  /** Seq of the entry of this activity that the note puts right; that entry stays. */
  corrects?: number;
  by?: string;
}

/** The ledger of another device in which a recording stands. */
export interface OtherLedger {
  dev: string;
  /** Of its `recording.start` there, and that entry's leaf hash: both, where the ledger was at hand. */
  seq?: number;
  leaf?: string;
}

/** A recording belongs to the activity. */
export interface ActivityLink {
  type: "activity.link";
  activity: string;
  rec: string;
  stage?: string;
  /** `overlap`: proposed because the times overlap, and confirmed by a person. */
  basis: "stated" | "overlap";
  /** Absent: it stands in this ledger. */
  ledger?: OtherLedger;
  by?: string;
}

/** It does not, from here on. */
export interface ActivityUnlink {
  type: "activity.unlink";
  activity: string;
  rec: string;
  reason: string;
  by?: string;
}

/** Somebody objects: from here on sound and picture of the whole action are required. */
export interface ActivityDispute {
  type: "activity.dispute";
  activity: string;
  text: string;
  by?: string;
}

export interface ActivityClose {
  type: "activity.close";
  activity: string;
  outcome: string;
  /** What the template requires and the activity lacks, as `stage/requirement`; absent: it has no template. */
  missing?: string[];
  /** Why it is closed although something is missing. */
  reason?: string;
}

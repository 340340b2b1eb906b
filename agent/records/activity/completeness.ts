import type { Form, Requirement, Stage, Template } from "../../../config/templates.ts";
import type { OtherLedger } from "../../../crypto/entry/activity-types.ts";
import type { ActivityRecord, LinkedRecording } from "./activity-record.ts";
import type { RecordingFacts } from "./recording-facts.ts";

/** Why a requirement is not met. */
export type Lack =
  | "no-document"
  | "no-text"
  | "no-picture"
  | "not-recorded"
  | "no-sound"
  | "no-pictures-moving"
  | "muted"
  | "media-gap"
  | "no-stop"
  | "not-at-hand"
  | "other-recording";

export interface Finding {
  stage: string;
  requirement: string;
  /** `only-if`: nothing shows it, and it is required only under its condition. */
  status: "met" | "missing" | "only-if";
  lack: Lack | null;
  /** Entries that meet it. */
  seqs: number[];
}

/**
 * Tells a linked recording. Null: no ledger at hand has it; `other-recording`: the ledger that the link names
 * has another under its id.
 */
export type FactsLookup = (
  rec: string,
  ledger: OtherLedger | null,
) => RecordingFacts | "other-recording" | null;

/** What of a process is there. */
export interface Completeness {
  template: string;
  disputed: boolean;
  complete: boolean;
  findings: Finding[];
}

/** Requirement of every disputed stage, beside those that the template has. */
export const DISPUTE = "disputed";

/** Holds an activity against its template. */
export function completenessOf(
  record: ActivityRecord,
  template: Template,
  factsOf: FactsLookup,
): Completeness {
  const disputed = record.disputes.length > 0;
  const findings = template.stages.flatMap((stage) => [
    ...stage.requires.map((requirement) => judge(record, stage, requirement, factsOf)),
    ...(disputed && template.when_disputed.includes(stage.id) ? [judgeDisputed(record, stage, factsOf)] : []),
  ]);
  const complete = findings.every(({ status }) => status !== "missing");
  return { template: template.id, disputed, complete, findings };
}

/** What is missing, as `activity.close` states it. */
export function missingOf({ findings }: Completeness): string[] {
  return findings
    .filter(({ status }) => status === "missing")
    .map(({ stage, requirement }) => `${stage}/${requirement}`);
}

interface Evidence {
  seqs: number[];
  lack: Lack | null;
}

function judge(
  record: ActivityRecord,
  stage: Stage,
  requirement: Requirement,
  factsOf: FactsLookup,
): Finding {
  const { seqs, lack } = evidenceFor(record, stage, requirement, factsOf);
  const isMet = lack === null;
  const unmet = requirement.only_if === undefined ? "missing" : "only-if";
  return { stage: stage.id, requirement: requirement.id, status: isMet ? "met" : unmet, lack, seqs };
}

function judgeDisputed(record: ActivityRecord, stage: Stage, factsOf: FactsLookup): Finding {
  const { seqs, lack } = recordedIn(record, stage, "sound-and-picture", factsOf, true);
  return { stage: stage.id, requirement: DISPUTE, status: lack === null ? "met" : "missing", lack, seqs };
}

function evidenceFor(
  record: ActivityRecord,
  stage: Stage,
  requirement: Requirement,
  factsOf: FactsLookup,
): Evidence {
  switch (requirement.what) {
    case "document":
      return found(documentsFor(record, stage, requirement), "no-document");
    case "text":
      return found([...notesIn(record, stage), ...documentsFor(record, stage, requirement)], "no-text");
    case "picture": {
      const pictures = documentsFor(record, stage, requirement, "image/");
      if (pictures.length > 0) return found(pictures, "no-picture");
      const photographs = record.recordings.filter(({ stages }) => stages.includes(stage.id));
      return found(
        photographs.flatMap((linked) => photosOf(linked, factsOf)),
        "no-picture",
      );
    }
    case "sound":
    case "sound-and-picture":
      return recordedIn(record, stage, requirement.what, factsOf, false);
  }
}

/** Entries that show photos: another ledger's are shown by the link. */
function photosOf({ rec, seq, ledger }: LinkedRecording, factsOf: FactsLookup): number[] {
  const facts = factsOf(rec, ledger);
  if (facts === null || facts === "other-recording" || facts.photoSeqs.length === 0) return [];
  return ledger === null ? facts.photoSeqs : [seq];
}

function found(seqs: number[], lack: Lack): Evidence {
  return { seqs, lack: seqs.length > 0 ? null : lack };
}

/** Documents of the stage that say so, or that can answer no other requirement of it. */
function documentsFor(record: ActivityRecord, stage: Stage, requirement: Requirement, kind = ""): number[] {
  const alike = stage.requires.filter(
    ({ what, only_if }) => what === requirement.what && only_if === undefined,
  );
  const isOnly = alike.length === 1 && alike[0] === requirement;
  return record.documents
    .filter(({ stage: of, mime }) => of === stage.id && mime.startsWith(kind))
    .filter(({ answers }) => answers === requirement.id || (answers === undefined && isOnly))
    .map(({ seq }) => seq);
}

function notesIn(record: ActivityRecord, stage: Stage): number[] {
  return record.notes.filter(({ stage: of }) => of === stage.id).map(({ seq }) => seq);
}

/** A recording that was linked for the stage and holds what is asked for; without one, what the nearest lacks. */
function recordedIn(
  record: ActivityRecord,
  stage: Stage,
  form: Form,
  factsOf: FactsLookup,
  isDisputed: boolean,
): Evidence {
  let lack: Lack = "not-recorded";
  for (const { rec, seq, stages, ledger } of record.recordings) {
    if (!stages.includes(stage.id)) continue;
    const facts = factsOf(rec, ledger);
    if (facts === null && ledger === null) continue;
    const lacking = isFacts(facts) ? lackOf(facts, form, isDisputed) : (facts ?? "not-at-hand");
    if (lacking === null) return { seqs: [seq], lack: null };
    lack = lacking;
  }
  return { seqs: [], lack };
}

function isFacts(facts: ReturnType<FactsLookup>): facts is RecordingFacts {
  return typeof facts === "object" && facts !== null;
}

function lackOf(facts: RecordingFacts, form: Form, isDisputed: boolean): Lack | null {
  if (facts.endedMs === null) return "no-stop";
  // what a recorder of another make holds is not looked into: the file is whole, that much is known
  if (facts.origin === "live") {
    if (!facts.hasSound) return "no-sound";
    if (form === "sound-and-picture" && !facts.hasPicture) return "no-pictures-moving";
  }
  if (!isDisputed) return null;
  if (facts.gaps.some(({ reason }) => reason === "muted")) return "muted";
  return facts.gaps.length > 0 ? "media-gap" : null;
}

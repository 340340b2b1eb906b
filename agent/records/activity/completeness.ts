import type { Form, Requirement, Stage, Template } from "../../../config/templates.ts";
import type { ActivityRecord } from "./activity-record.ts";
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
  | "no-stop";

export interface Finding {
  stage: string;
  requirement: string;
  /** `only-if`: nothing shows it, and it is required only under its condition. */
  status: "met" | "missing" | "only-if";
  lack: Lack | null;
  /** Entries that meet it. */
  seqs: number[];
}

/** What of a process is there. */
export interface Completeness {
  template: string;
  disputed: boolean;
  complete: boolean;
  findings: Finding[];
}

/** Requirement of every disputed stage, beside those that the template has. */
export const DISPUTE = "disputed";

/** Holds an activity against its template. `factsOf` tells a linked recording; null: it is not in this ledger. */
export function completenessOf(
  record: ActivityRecord,
  template: Template,
  factsOf: (rec: string) => RecordingFacts | null,
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
  factsOf: (rec: string) => RecordingFacts | null,
): Finding {
  const { seqs, lack } = evidenceFor(record, stage, requirement, factsOf);
  const isMet = lack === null;
  const unmet = requirement.only_if === undefined ? "missing" : "only-if";
  return { stage: stage.id, requirement: requirement.id, status: isMet ? "met" : unmet, lack, seqs };
}

function judgeDisputed(
  record: ActivityRecord,
  stage: Stage,
  factsOf: (rec: string) => RecordingFacts | null,
): Finding {
  const { seqs, lack } = recordedIn(record, stage, "sound-and-picture", factsOf, true);
  return { stage: stage.id, requirement: DISPUTE, status: lack === null ? "met" : "missing", lack, seqs };
}

function evidenceFor(
  record: ActivityRecord,
  stage: Stage,
  requirement: Requirement,
  factsOf: (rec: string) => RecordingFacts | null,
): Evidence {
  switch (requirement.what) {
    case "document":
      return found(documentsFor(record, stage, requirement), "no-document");
    case "text":
      return found([...notesIn(record, stage), ...documentsFor(record, stage, requirement)], "no-text");
    case "picture": {
      const pictures = documentsFor(record, stage, requirement, "image/");
      if (pictures.length > 0) return found(pictures, "no-picture");
      const photographed = record.recordings.filter(
        ({ rec, stages }) => stages.includes(stage.id) && (factsOf(rec)?.photoSeqs.length ?? 0) > 0,
      );
      return found(
        photographed.flatMap(({ rec }) => factsOf(rec)?.photoSeqs ?? []),
        "no-picture",
      );
    }
    case "sound":
    case "sound-and-picture":
      return recordedIn(record, stage, requirement.what, factsOf, false);
  }
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
  factsOf: (rec: string) => RecordingFacts | null,
  isDisputed: boolean,
): Evidence {
  let lack: Lack = "not-recorded";
  for (const { rec, seq, stages } of record.recordings) {
    const facts = stages.includes(stage.id) ? factsOf(rec) : null;
    if (facts === null) continue;
    const lacking = lackOf(facts, form, isDisputed);
    if (lacking === null) return { seqs: [seq], lack: null };
    lack = lacking;
  }
  return { seqs: [], lack };
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

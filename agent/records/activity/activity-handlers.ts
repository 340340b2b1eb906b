import { AgentError } from "../../../config/base/errors.ts";
import { type Random, uuid } from "../../../config/base/random.ts";
import type { TemplateCatalogue } from "../../../config/template-catalogue.ts";
import type { OtherLedger } from "../../../crypto/entry/activity-types.ts";
import type { AppendableBody } from "../../../crypto/entry/types.ts";
import type { EvidenceWriter } from "../../../crypto/entry/writer.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import type { MediaStore } from "../../../crypto/media/store.ts";
import type { ControlHandlers } from "../../control/protocol.ts";
import { isSamePlace, readActivity } from "./activity-record.ts";
import { templateOf } from "./activity-template.ts";
import { completenessOf, missingOf } from "./completeness.ts";
import type { DocumentIntake } from "./document-intake.ts";
import { recordingFacts } from "./recording-facts.ts";

export interface ActivityParts {
  writer: EvidenceWriter;
  reader: LedgerReader;
  intake: DocumentIntake;
  media: MediaStore;
  /** Shipped templates and the office's own, as they are now; throws `bad-template`, `templates-unreadable`. */
  catalogue: () => TemplateCatalogue;
  random: Random;
}

/** Activities: the text half of the record. Each order becomes one entry; none changes an earlier one. */
export function activityHandlers(parts: ActivityParts): ControlHandlers {
  const { writer, reader, intake, random, catalogue } = parts;
  const append = (body: AppendableBody & { activity: string; stage?: string }) => {
    requireActivity(reader, body.activity);
    requireStage(parts, body);
    return writer.append(body);
  };
  return {
    "activity.open": async (own) => {
      const activity = uuid(random);
      if (own.template === undefined) {
        await writer.append({ type: "activity.open", activity, ...own });
        return { activity };
      }
      // the text goes with it: a file changed later changes nothing of what the activity is held against
      const { bytes, template } = catalogue().read(own.template);
      const pending = { activity, template: template.id, mime: "application/toml" };
      const text = await intake.keepPlain(bytes, { type: "activity.template", ...pending });
      const open = { type: "activity.open", activity, ...own, template_digest: text.digest } as const;
      await writer.appendStored([open, text]);
      return { activity };
    },
    "activity.note": async (own) => {
      if (own.corrects !== undefined) requireOwnEntry(reader, own.activity, own.corrects);
      return append({ type: "activity.note", ...own });
    },
    "activity.link": async ({ ledger, ...own }) => {
      if (ledger !== undefined && ledger.dev !== reader.dev) {
        requireOnePlace(reader, own, ledger);
        return append({ type: "activity.link", ...own, ledger });
      }
      if (reader.recordings.startedAt(own.rec) === null) throw new AgentError("recording-unknown", own.rec);
      requireOnePlace(reader, own, null);
      return append({ type: "activity.link", ...own });
    },
    "activity.unlink": async (own) => {
      requireLinked(reader, own);
      return append({ type: "activity.unlink", ...own });
    },
    "activity.dispute": async (own) => append({ type: "activity.dispute", ...own }),
    "document.begin": async ({ bytes }) => ({ document: intake.begin(bytes) }),
    "document.part": async ({ document, data }) => ({
      received: await intake.take(document, Buffer.from(data, "base64")),
    }),
    "activity.attach": async ({ document, ...own }) => {
      requireActivity(reader, own.activity);
      requireStage(parts, own);
      const body = await intake.finish(document, { type: "activity.document", ...own });
      const [written] = await writer.appendStored([body]);
      return { seq: (written as { seq: number }).seq, digest: body.digest, bytes: body.bytes };
    },
    "activity.close": async ({ activity, outcome, reason }) => {
      const { closeSeq } = requireActivity(reader, activity);
      if (closeSeq !== null)
        throw new AgentError("activity-closed", `${activity}: closed by entry ${closeSeq}`);
      const missing = whatIsMissing(parts, activity);
      if (missing !== null && missing.length > 0 && reason === undefined)
        throw new AgentError("activity-incomplete", missing.join(", "));
      return append({
        type: "activity.close",
        activity,
        outcome,
        ...(missing === null ? {} : { missing }),
        ...(reason === undefined ? {} : { reason }),
      });
    },
  };
}

function requireActivity(reader: LedgerReader, activity: string) {
  const row = reader.activities.find(activity);
  if (row === null) throw new AgentError("activity-unknown", activity);
  return row;
}

/** An entry in a stage that the process does not have would never count. Throws `stage-unknown`. */
function requireStage(
  { reader, media, catalogue }: ActivityParts,
  { activity, stage, answers }: { activity: string; stage?: string; answers?: string },
): void {
  if (stage === undefined) return;
  const record = readActivity(reader, activity);
  const template = record === null ? null : templateOf(record, media, catalogue);
  if (template === null) return;
  const found = template.stages.find(({ id }) => id === stage);
  const isAnswer = answers === undefined || found?.requires.some(({ id }) => id === answers) === true;
  if (found !== undefined && isAnswer) return;
  const place = answers === undefined ? stage : `${stage}/${answers}`;
  throw new AgentError("stage-unknown", `${place} in template ${template.id}`);
}

interface Named {
  activity: string;
  rec: string;
}

/** A stage must not count for a recording of another ledger than was meant. Throws `linked-elsewhere`. */
function requireOnePlace(reader: LedgerReader, named: Named, ledger: OtherLedger | null): void {
  const known = linkedIn(reader, named);
  if (known === undefined || isSamePlace(known.ledger, ledger)) return;
  const place = known.ledger === null ? reader.dev : known.ledger.dev;
  throw new AgentError("linked-elsewhere", `${named.rec}: by entry ${known.seq}, of ${place}`);
}

/** What does not belong cannot be taken away. Throws `activity-unknown`, `recording-not-linked`. */
function requireLinked(reader: LedgerReader, named: Named): void {
  requireActivity(reader, named.activity);
  if (linkedIn(reader, named) === undefined) throw new AgentError("recording-not-linked", named.rec);
}

function linkedIn(reader: LedgerReader, { activity, rec }: Named) {
  return readActivity(reader, activity)?.recordings.find((linked) => linked.rec === rec);
}

function requireOwnEntry(reader: LedgerReader, activity: string, seq: number): void {
  if (!reader.activities.seqs(activity).includes(seq))
    throw new AgentError("entry-missing", `entry ${seq} of activity ${activity}`);
}

/** What the activity's template requires and the activity lacks; null: it has none. */
function whatIsMissing({ reader, media, catalogue }: ActivityParts, activity: string): string[] | null {
  const record = readActivity(reader, activity);
  const template = record === null ? null : templateOf(record, media, catalogue);
  if (record === null || template === null) return null;
  return missingOf(
    completenessOf(record, template, (rec, ledger) => (ledger === null ? recordingFacts(reader, rec) : null)),
  );
}

import { AgentError } from "../../../../../config/base/errors.ts";
import { TemplateCatalogue } from "../../../../../config/template-catalogue.ts";
import type { Template } from "../../../../../config/templates.ts";
import { visitLedger } from "../../../../../crypto/ledger/visit.ts";
import { MediaStore } from "../../../../../crypto/media/store.ts";
import { type ActivityRecord, readActivity } from "../../../../records/activity/activity-record.ts";
import { templateOf } from "../../../../records/activity/activity-template.ts";
import {
  type Completeness,
  completenessOf,
  DISPUTE,
  type FactsLookup,
  type Finding,
  missingOf,
} from "../../../../records/activity/completeness.ts";
import { lookUpOthers } from "../../../../records/activity/other-ledgers.ts";
import { recordingFacts } from "../../../../records/activity/recording-facts.ts";
import type { Colour, Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { columns, pad } from "../../../face/width.ts";
import type { Phrase } from "../../../text/phrase.ts";
import { activityWords, lackWords } from "../../../text/records/activity.ts";
import { dataDirOf, ownTemplates, type Target } from "../../target.ts";
import { activityBeginning } from "./ids.ts";

export interface CheckOptions extends Target {
  json?: boolean;
  /** Instead of the one that the activity was opened with. */
  template?: string;
  /** Where other devices' ledgers are. */
  also?: string;
}

const TERMINAL_COLUMNS = 80;
/** The widest word for a status takes as many. */
const STATUS_COLUMNS = 7;
const STATUS_WORDS: Readonly<Record<Finding["status"], Phrase>> = {
  met: activityWords.met,
  missing: activityWords.missing,
  "only-if": activityWords.onlyIf,
};
const COLOURS: Readonly<Record<Finding["status"], Colour>> = {
  met: "green",
  missing: "red",
  "only-if": "dim",
};

/** Tells what of the process is there and what is missing, stage by stage; exit 1 when something is. */
export async function check(face: Face, start: string, options: CheckOptions): Promise<ExitCode> {
  const { json, template: wanted, ...target } = options;
  const dataDir = await dataDirOf(face, target);
  const own = await ownTemplates(options.config);
  const catalogue = () => TemplateCatalogue.open(own);
  const media = new MediaStore(dataDir);
  const { record, template, result, stageless } = await visitLedger(dataDir, async (reader) => {
    const record = readActivity(reader, activityBeginning(reader, start));
    if (record === null) throw new AgentError("activity-unknown", start);
    const read =
      wanted === undefined ? templateOf(record, media, catalogue) : catalogue().read(wanted).template;
    if (read === null) throw new AgentError("template-missing", record.activity);
    const others = await lookUpOthers(record, dataDir, options.also);
    const factsOf: FactsLookup = (rec, ledger) =>
      ledger === null ? recordingFacts(reader, rec) : (others.get(rec) ?? null);
    const result = completenessOf(record, read, factsOf);
    const stageless = record.recordings.filter(({ stages }) => stages.length === 0).map(({ rec }) => rec);
    return { record, template: read, result, stageless };
  });
  const { activity } = record;
  if (json === true) face.printJson({ activity, ...result });
  else
    face.print(
      ...lines(face, template, result),
      verdictLine(face, result, record),
      ...closeLines(face, record),
      ...stagelessLines(face, activity, stageless),
    );
  return result.complete ? 0 : 1;
}

function lines(face: Face, template: Template, result: Completeness): string[] {
  const { findings, disputed } = result;
  const stages = [...new Set(findings.map(({ stage }) => stage))];
  return [
    face.paint("bold", face.say(template.name)),
    ...stages.flatMap((stage) => [
      "",
      stageName(face, template, stage),
      ...findings
        .filter((finding) => finding.stage === stage)
        .flatMap((finding) => findingLines(face, template, finding)),
    ]),
    "",
    ...(disputed ? [face.say(activityWords.isDisputed)] : []),
  ];
}

function verdictLine(face: Face, result: Completeness, { close }: ActivityRecord): string {
  if (result.complete) return face.say(activityWords.complete);
  const missing = missingOf(result).length;
  return face.say(close === null ? activityWords.incomplete : activityWords.incompleteNow, { missing });
}

/** What the close said stays said, whatever came behind it. */
function closeLines(face: Face, { close }: ActivityRecord): string[] {
  if (close === null) return [];
  const { seq, missing } = close;
  if (missing === undefined) return [face.say(activityWords.closedUnjudged, { seq })];
  return [face.say(activityWords.closedBy, { seq, lacked: missing.length })];
}

function stageName(face: Face, { stages }: Template, id: string): string {
  const stage = stages.find((one) => one.id === id);
  return stage === undefined ? id : face.say(stage.name);
}

/** State and requirement; why, on the same line where an 80-column terminal has room for it. */
function findingLines(face: Face, { stages }: Template, finding: Finding): string[] {
  const requirement = stages
    .find(({ id }) => id === finding.stage)
    ?.requires.find(({ id }) => id === finding.requirement);
  const name = requirement?.name ?? (finding.requirement === DISPUTE ? activityWords.disputeRequires : null);
  const status = face.say(STATUS_WORDS[finding.status]);
  const line = `  ${pad(status, STATUS_COLUMNS, "left")}  ${name === null ? finding.requirement : face.say(name)}`;
  const because = becauseText(face, finding, requirement?.only_if);
  const isShort = columns(line) + columns(because) + 2 < TERMINAL_COLUMNS;
  const told = isShort ? [`${line}  ${because}`] : [line, `${" ".repeat(STATUS_COLUMNS + 4)}${because}`];
  return told.map((one) => face.paint(COLOURS[finding.status], one));
}

function becauseText(face: Face, { status, lack, seqs }: Finding, onlyIf: Phrase | undefined): string {
  if (status === "only-if" && onlyIf !== undefined)
    return face.say(activityWords.onlyIfSo, { condition: face.say(onlyIf) });
  if (lack !== null) return face.say(lackWords[lack]);
  return face.say(activityWords.shownBy, { seqs: seqs.join(", ") });
}

/** A recording in no stage counts for none: somebody has to say for which. */
function stagelessLines(face: Face, activity: string, recordings: readonly string[]): string[] {
  if (recordings.length === 0) return [];
  return [
    face.say(activityWords.stageless, { recordings: recordings.map((rec) => rec.slice(0, 8)).join(", ") }),
    `  fulltrace activity link ${activity.slice(0, 8)} ${recordings[0]?.slice(0, 8)} --stage …`,
  ];
}

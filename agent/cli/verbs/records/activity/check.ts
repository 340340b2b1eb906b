import { AgentError } from "../../../../../config/base/errors.ts";
import { TemplateCatalogue } from "../../../../../config/template-catalogue.ts";
import type { Template } from "../../../../../config/templates.ts";
import { visitLedger } from "../../../../../crypto/ledger/visit.ts";
import { MediaStore } from "../../../../../crypto/media/store.ts";
import { readActivity } from "../../../../records/activity/activity-record.ts";
import { templateOf } from "../../../../records/activity/activity-template.ts";
import {
  type Completeness,
  completenessOf,
  DISPUTE,
  type FactsLookup,
  type Finding,
} from "../../../../records/activity/completeness.ts";
import { lookUpOthers } from "../../../../records/activity/other-ledgers.ts";
import { recordingFacts } from "../../../../records/activity/recording-facts.ts";
import type { Colour, Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { left, table } from "../../../face/table.ts";
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
  const { activity, template, result } = await visitLedger(dataDir, async (reader) => {
    const record = readActivity(reader, activityBeginning(reader, start));
    if (record === null) throw new AgentError("activity-unknown", start);
    const read =
      wanted === undefined ? templateOf(record, media, catalogue) : catalogue().read(wanted).template;
    if (read === null) throw new AgentError("template-missing", record.activity);
    const others = await lookUpOthers(record, dataDir, options.also);
    const factsOf: FactsLookup = (rec, ledger) =>
      ledger === null ? recordingFacts(reader, rec) : (others.get(rec) ?? null);
    return { activity: record.activity, template: read, result: completenessOf(record, read, factsOf) };
  });
  if (json === true) face.printJson({ activity, ...result });
  else face.print(...lines(face, template, result));
  return result.complete ? 0 : 1;
}

function lines(face: Face, template: Template, result: Completeness): string[] {
  const { findings, complete, disputed } = result;
  const missing = findings.filter(({ status }) => status === "missing").length;
  return [
    face.say(template.name),
    "",
    ...table(
      [
        left(face.say(activityWords.stage)),
        left(face.say(activityWords.state)),
        left(face.say(activityWords.requirement)),
        left(face.say(activityWords.because)),
      ],
      findings.map((finding) => row(face, template, finding)),
    ).map((line, at) => face.paint(at === 0 ? "bold" : COLOURS[(findings[at - 1] as Finding).status], line)),
    "",
    ...(disputed ? [face.say(activityWords.isDisputed)] : []),
    complete ? face.say(activityWords.complete) : face.say(activityWords.incomplete, { missing }),
  ];
}

function row(face: Face, { stages }: Template, finding: Finding): string[] {
  const stage = stages.find(({ id }) => id === finding.stage);
  const requirement = stage?.requires.find(({ id }) => id === finding.requirement);
  const name = requirement?.name ?? (finding.requirement === DISPUTE ? activityWords.disputeRequires : null);
  const status = { met: activityWords.met, missing: activityWords.missing, "only-if": activityWords.onlyIf };
  const because = () => {
    if (finding.status === "only-if" && requirement?.only_if !== undefined)
      return face.say(activityWords.onlyIfSo, { condition: face.say(requirement.only_if) });
    if (finding.lack !== null) return face.say(lackWords[finding.lack]);
    return face.say(activityWords.shownBy, { seqs: finding.seqs.join(", ") });
  };
  return [
    stage === undefined ? finding.stage : face.say(stage.name),
    face.say(status[finding.status]),
    name === null ? finding.requirement : face.say(name),
    because(),
  ];
}

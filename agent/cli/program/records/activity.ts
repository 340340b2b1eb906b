import type { Command } from "commander";
import type { Phrase } from "../../text/phrase.ts";
import { activityHelp } from "../../text/records/activity.ts";
import { collected, entrySeq, type Tools, targeted, wholeBetween } from "../tools.ts";

const MAX_LISTED = 10_000;

/** `activity`: the text half of the record. */
export function addActivity({ program, perform, face, say }: Tools): void {
  const activity = program.command("activity").description(say(activityHelp.activity));
  const verb = (name: string, about: Phrase): Command =>
    targeted(activity.command(name).description(say(about)), say);
  const orders = () => import("../../verbs/records/activity/orders.ts");

  verb("open", activityHelp.open)
    .requiredOption("--kind <KIND>", say(activityHelp.kind))
    .requiredOption("--title <TEXT>", say(activityHelp.title))
    .option("--place <TEXT>", say(activityHelp.place))
    .option("--officer <ID>", say(activityHelp.officer), collected, [])
    .option("--case-no <NUMBER>", say(activityHelp.caseNo))
    .option("--template <ID>", say(activityHelp.template))
    .action((options) => perform(async () => (await orders()).open(face, options)));
  verb("list", activityHelp.list)
    .option("--limit <N>", say(activityHelp.limit), wholeBetween(1, MAX_LISTED), 50)
    .action((options) =>
      perform(async () => (await import("../../verbs/records/activity/list.ts")).list(face, options)),
    );
  verb("show", activityHelp.show)
    .argument("<ACTIVITY>", say(activityHelp.id))
    .action((id, options) =>
      perform(async () => (await import("../../verbs/records/activity/show.ts")).show(face, id, options)),
    );
  verb("note", activityHelp.note)
    .argument("<ACTIVITY>", say(activityHelp.id))
    .argument("<TEXT>", say(activityHelp.text))
    .option("--stage <STAGE>", say(activityHelp.stage))
    .option("--corrects <ENTRY>", say(activityHelp.corrects), entrySeq)
    .option("--by <ID>", say(activityHelp.by))
    .action((id, text, options) => perform(async () => (await orders()).note(face, id, text, options)));
  verb("attach", activityHelp.attach)
    .argument("<ACTIVITY>", say(activityHelp.id))
    .argument("<FILE>", say(activityHelp.file))
    .requiredOption("--stage <STAGE>", say(activityHelp.stage))
    .option("--name <NAME>", say(activityHelp.name))
    .option("--answers <REQUIREMENT>", say(activityHelp.answers))
    .option("--by <ID>", say(activityHelp.by))
    .action((id, file, options) =>
      perform(async () =>
        (await import("../../verbs/records/activity/attach.ts")).attach(face, id, file, options),
      ),
    );
  verb("link", activityHelp.link)
    .argument("<ACTIVITY>", say(activityHelp.id))
    .argument("<REC>", say(activityHelp.recording))
    .option("--overlap", say(activityHelp.overlapOption))
    .option("--dev <DEV>", say(activityHelp.dev))
    .option("--also <DIR>", say(activityHelp.also))
    .option("--stage <STAGE>", say(activityHelp.stage))
    .option("--by <ID>", say(activityHelp.by))
    .action((id, rec, options) => perform(async () => (await orders()).link(face, id, rec, options)));
  verb("unlink", activityHelp.unlink)
    .argument("<ACTIVITY>", say(activityHelp.id))
    .argument("<REC>", say(activityHelp.recording))
    .argument("<REASON>", say(activityHelp.why))
    .option("--by <ID>", say(activityHelp.by))
    .action((id, rec, why, options) =>
      perform(async () => (await orders()).unlink(face, id, rec, why, options)),
    );
  verb("dispute", activityHelp.dispute)
    .argument("<ACTIVITY>", say(activityHelp.id))
    .argument("<TEXT>", say(activityHelp.objection))
    .option("--by <ID>", say(activityHelp.by))
    .action((id, text, options) => perform(async () => (await orders()).dispute(face, id, text, options)));
  verb("check", activityHelp.check)
    .argument("<ACTIVITY>", say(activityHelp.id))
    .option("--template <ID>", say(activityHelp.templateOption))
    .option("--also <DIR>", say(activityHelp.also))
    .action((id, options) =>
      perform(async () => (await import("../../verbs/records/activity/check.ts")).check(face, id, options)),
    );
  verb("close", activityHelp.close)
    .argument("<ACTIVITY>", say(activityHelp.id))
    .argument("<OUTCOME>", say(activityHelp.outcome))
    .option("--reason <TEXT>", say(activityHelp.closeReason))
    .action((id, outcome, options) =>
      perform(async () => (await orders()).close(face, id, outcome, options)),
    );
}

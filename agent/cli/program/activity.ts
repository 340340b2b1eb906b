import { help } from "../text/help.ts";
import { type Tools, targeted } from "./tools.ts";

/** `activity`: the text half of the record. */
export function addActivity({ program, perform, face, say }: Tools): void {
  const activity = program.command("activity").description(say(help.activity));
  const verbs = () => import("../verbs/live/activity.ts");
  targeted(activity.command("open").description(say(help.activityOpen)), say)
    .requiredOption("--kind <KIND>", say(help.kind))
    .requiredOption("--title <TEXT>", say(help.title))
    .option("--place <TEXT>", say(help.place))
    .option("--officer <ID>", say(help.officer), (id: string, earlier: string[]) => [...earlier, id], [])
    .option("--case-no <NUMBER>", say(help.caseNo))
    .action((options) => perform(async () => (await verbs()).open(face, options)));
  targeted(activity.command("note").description(say(help.activityNote)), say)
    .argument("<ACTIVITY>", say(help.activityId))
    .argument("<TEXT>", say(help.text))
    .action((id, text, options) => perform(async () => (await verbs()).note(face, id, text, options)));
  targeted(activity.command("close").description(say(help.activityClose)), say)
    .argument("<ACTIVITY>", say(help.activityId))
    .argument("<OUTCOME>", say(help.outcome))
    .action((id, outcome, options) => perform(async () => (await verbs()).close(face, id, outcome, options)));
}

import { Option } from "commander";
import { help } from "../../text/command-line/help.ts";
import { gapHelp } from "../../text/records/gap.ts";
import { moment } from "../moments.ts";
import { collected, type Tools } from "../tools.ts";

/** `gap`: what of a shift or an activity was recorded, and what was not. */
export function addGap({ program, perform, face, say }: Tools): void {
  const gap = program.command("gap").description(say(gapHelp.gap));
  gap
    .command("account")
    .description(say(gapHelp.account))
    .addOption(new Option("--wearer <ID>", say(gapHelp.wearer)).conflicts("activity"))
    .option("--from <TIME>", say(gapHelp.from), moment)
    .option("--to <TIME>", say(gapHelp.to), moment)
    .option("--activity <ACTIVITY>", say(gapHelp.activity))
    .option("--data <DIR>", say(gapHelp.data), collected)
    .option("--config <FILE>", say(help.config))
    .option("--json", say(help.json))
    .action((options) =>
      perform(async () => (await import("../../verbs/records/gap/account.ts")).account(face, options)),
    );
}

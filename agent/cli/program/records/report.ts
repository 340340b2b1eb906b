import { Option } from "commander";
import { help } from "../../text/command-line/help.ts";
import { reportHelp } from "../../text/records/report/help.ts";
import { collected, type Tools } from "../tools.ts";

/** `report`: figures of a period, over any number of ledgers. */
export function addReport({ program, perform, face, say }: Tools): void {
  program
    .command("report")
    .description(say(reportHelp.report))
    .requiredOption("--period <PERIOD>", say(reportHelp.period))
    .option("--data <DIR>", say(reportHelp.data), collected, [])
    .option("--config <FILE>", say(reportHelp.config))
    .option("--unit <UNIT>", say(reportHelp.unit))
    .option("--officer <ID>", say(reportHelp.officer))
    .option("--kind <KIND>", say(reportHelp.kind))
    .option("--zone <ZONE>", say(reportHelp.zone))
    .addOption(
      new Option("--format <FORMAT>", say(reportHelp.format)).choices(["table", "csv", "json", "html"]),
    )
    .option("--json", say(help.json))
    .option("--bom", say(reportHelp.bom))
    .option("--out <FILE>", say(reportHelp.out))
    .option("--force", say(help.force))
    .action((options) =>
      perform(async () => (await import("../../verbs/records/report/report.ts")).report(face, options)),
    );
}

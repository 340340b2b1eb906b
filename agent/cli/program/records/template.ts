import type { Command } from "commander";
import { help } from "../../text/command-line/help.ts";
import type { Phrase } from "../../text/phrase.ts";
import { templateHelp } from "../../text/records/template.ts";
import type { Tools } from "../tools.ts";

/** `template`: what a whole process must contain. */
export function addTemplate({ program, perform, face, say }: Tools): void {
  const template = program.command("template").description(say(templateHelp.template));
  const verb = (name: string, about: Phrase): Command => template.command(name).description(say(about));
  const verbs = () => import("../../verbs/records/template/templates.ts");
  verb("list", templateHelp.list)
    .option("--config <FILE>", say(help.config))
    .option("--json", say(help.json))
    .action((options) => perform(async () => (await verbs()).list(face, options)));
  verb("show", templateHelp.show)
    .argument("<ID>", say(templateHelp.id))
    .option("--config <FILE>", say(help.config))
    .option("--json", say(help.json))
    .action((id, options) => perform(async () => (await verbs()).show(face, id, options)));
  verb("check", templateHelp.check)
    .argument("<FILE>", say(templateHelp.file))
    .option("--json", say(help.json))
    .action((file, options) => perform(async () => (await verbs()).check(face, file, options)));
}

import { Argument } from "commander";
import { SHELLS } from "../outline/shells.ts";
import { manualWords } from "../text/command-line/manual.ts";
import type { Tools } from "./tools.ts";

/** `completion` and `manual`: what shells and man know of the commands. */
export function addShell({ program, perform, face, say }: Tools): void {
  program
    .command("completion")
    .description(say(manualWords.completion))
    .addArgument(new Argument("<SHELL>", say(manualWords.shell)).choices(SHELLS))
    .action((shell) =>
      perform(async () => (await import("../verbs/shell.ts")).completion(face, program, shell)),
    );
  program
    .command("manual")
    .description(say(manualWords.manual))
    .action(() => perform(async () => (await import("../verbs/shell.ts")).manual(face, program)));
}

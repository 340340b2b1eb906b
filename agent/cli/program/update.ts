import { updateHelp } from "../text/update/help.ts";
import { type Tools, targeted } from "./tools.ts";

/** `update`: of a unit with two slots. */
export function addUpdate({ program, perform, face, say }: Tools): void {
  const update = program.command("update").description(say(updateHelp.update));
  targeted(update.command("status").description(say(updateHelp.status)), say).action((options) =>
    perform(async () => (await import("../verbs/update/status.ts")).status(face, options)),
  );
  targeted(update.command("install").description(say(updateHelp.install)), say)
    .argument("<BUNDLE>", say(updateHelp.bundle))
    .action((bundle, options) =>
      perform(async () => (await import("../verbs/update/install.ts")).install(face, bundle, options)),
    );
}

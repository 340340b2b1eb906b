import { systemClock } from "../../../config/base/clock.ts";
import { help } from "../text/command-line/help.ts";
import { updateHelp } from "../text/update/help.ts";
import { type Tools, targeted, wholeBetween } from "./tools.ts";

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
  update
    .command("check")
    .description(say(updateHelp.check))
    .argument("<BUNDLE>", say(updateHelp.bundle))
    .option("--keyring <FILE>", say(updateHelp.keyring))
    .option("--json", say(help.json))
    .action((bundle, options) =>
      perform(async () => (await import("../verbs/update/check.ts")).check(face, bundle, options)),
    );
  targeted(update.command("stage").description(say(updateHelp.stage)), say)
    .argument("<BUNDLE>", say(updateHelp.bundle))
    .option("--order <FILE>", say(updateHelp.orderFile))
    .action((bundle, options) =>
      perform(async () => (await import("../verbs/update/stage.ts")).stage(face, bundle, options)),
    );
  update
    .command("order")
    .description(say(updateHelp.order))
    .argument("<BUNDLE>", say(updateHelp.bundle))
    .requiredOption("--key <FILE>", say(updateHelp.key))
    .option("--name <NAME>", say(updateHelp.keyName), "updates")
    .option("--device <DEV>", say(updateHelp.device))
    .option("--days <N>", say(updateHelp.days), wholeBetween(1, 366), 30)
    .action((bundle, options) =>
      perform(async () =>
        (await import("../verbs/update/order.ts")).order(face, bundle, options, systemClock),
      ),
    );
}

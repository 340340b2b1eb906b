import type { Command } from "commander";
import { help } from "../text/command-line/help.ts";
import { flashHelp } from "../text/flash/help.ts";
import type { Phrase } from "../text/phrase.ts";
import { MOST_CARD_GIB } from "../verbs/flash/limits.ts";
import { collected, type Tools, wholeBetween } from "./tools.ts";

/** `flash`: what a technician does with cards, and a unit with its own. */
export function addFlash({ program, perform, face, say }: Tools): void {
  const flash = program.command("flash").description(say(flashHelp.flash));
  const verb = (name: string, about: Phrase): Command =>
    flash.command(name).description(say(about)).option("--json", say(help.json));

  verb("list", flashHelp.list).action((options) =>
    perform(async () => (await import("../verbs/flash/list.ts")).list(face, options)),
  );
  verb("write", flashHelp.write)
    .argument("<IMAGE>", say(flashHelp.image))
    .argument("<TARGET>", say(flashHelp.target))
    .option("--yes", say(flashHelp.yes))
    .option("--most-gib <N>", say(flashHelp.mostGib), wholeBetween(1, 1_048_576), MOST_CARD_GIB)
    .option("--serial <SERIAL>", say(flashHelp.serial))
    .option("--config <FILE>", say(flashHelp.config))
    .option("--receiver-key <KEY>", say(flashHelp.receiverKey), collected, [])
    .option("--broker-password <FILE>", say(flashHelp.brokerPassword))
    .option("--broker-ca <FILE>", say(flashHelp.brokerCa))
    .option("--broker-cert <FILE>", say(flashHelp.brokerCert))
    .option("--broker-key <FILE>", say(flashHelp.brokerKey))
    .option("--enrol <CODE>", say(flashHelp.enrol))
    .option("--data-key <FILE>", say(flashHelp.dataKey))
    .action((image, target, options) =>
      perform(async () => (await import("../verbs/flash/write.ts")).write(face, image, target, options)),
    );
  verb("verify", flashHelp.verify)
    .argument("<IMAGE>", say(flashHelp.image))
    .argument("<TARGET>", say(flashHelp.target))
    .action((image, target, options) =>
      perform(async () => (await import("../verbs/flash/verify.ts")).verify(face, image, target, options)),
    );
  verb("adopt", flashHelp.adopt)
    .argument("<PARTITION>", say(flashHelp.region))
    .option("--etc <DIR>", say(flashHelp.etc), "/etc/fulltrace")
    .option("--account <NAME>", say(flashHelp.account), "fulltrace")
    .action((region, options) =>
      perform(async () => (await import("../verbs/flash/adopt.ts")).adoptCard(face, region, options)),
    );
  verb("enrolment", flashHelp.enrolment)
    .argument("<FILE>", say(flashHelp.request))
    .option("--code <CODE>", say(flashHelp.code))
    .action((file, options) =>
      perform(async () => (await import("../verbs/flash/enrolment.ts")).enrolment(face, file, options)),
    );
}

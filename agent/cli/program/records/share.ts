import { help } from "../../text/command-line/help.ts";
import { activityHelp } from "../../text/records/activity.ts";
import { shareHelp } from "../../text/records/share.ts";
import { type Tools, targeted } from "../tools.ts";

/** `share`: what others are given. */
export function addShare({ program, perform, face, say }: Tools): void {
  const share = program.command("share").description(say(shareHelp.share));
  targeted(share.command("export").description(say(shareHelp.export)), say)
    .argument("<ACTIVITY>", say(activityHelp.id))
    .argument("<DIR>", say(shareHelp.directory))
    .option("--with-recordings", say(shareHelp.withRecordings))
    .option("--dev <DEV>", say(shareHelp.dev))
    .action((id, directory, options) =>
      perform(async () =>
        (await import("../../verbs/records/share/export.ts")).exportShare(face, id, directory, options),
      ),
    );
  share
    .command("verify")
    .description(say(shareHelp.verify))
    .argument("<DIR>", say(shareHelp.exported))
    .requiredOption("--trust <FILE>", say(help.trust))
    .option("--json", say(help.json))
    .action((directory, options) =>
      perform(async () =>
        (await import("../../verbs/records/share/verify.ts")).verifyShare(face, directory, options),
      ),
    );
}

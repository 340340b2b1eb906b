import { help } from "../text/command-line/help.ts";
import { type Tools, targeted } from "./tools.ts";

/** `verify` and `recording`: what only reads. */
export function addEvidence({ program, perform, face, say }: Tools): void {
  program
    .command("verify")
    .description(say(help.verify))
    .argument("<DATA_DIR>", say(help.verifyDir))
    .requiredOption("--trust <FILE>", say(help.trust))
    .option("--note <FILE>", say(help.note))
    .option("--trust-receipts", say(help.trustReceipts))
    .option("--allow-purged", say(help.allowPurged))
    .option("--json", say(help.json))
    .action((dir, options) =>
      perform(async () => (await import("../verbs/evidence/verify.ts")).verify(face, dir, options)),
    );

  const recording = program.command("recording").description(say(help.recording));
  targeted(recording.command("list").description(say(help.recordingList)), say)
    .argument("[DATA_DIR]", say(help.verifyDir))
    .action((dir: string | undefined, options) =>
      perform(async () =>
        (await import("../verbs/evidence/list.ts")).list(face, { ...options, data: dir ?? options.data }),
      ),
    );
  targeted(recording.command("save").description(say(help.recordingSave)), say)
    .argument("<REC>", say(help.rec))
    .argument("<FILE>", say(help.file))
    .option("--force", say(help.force))
    .option("--partial", say(help.partial))
    .action((rec, file, options) =>
      perform(async () => (await import("../verbs/evidence/save.ts")).save(face, rec, file, options)),
    );
}

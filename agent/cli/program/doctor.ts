import { help } from "../text/command-line/help.ts";
import { doctorWords } from "../text/doctor/doctor.ts";
import type { Tools } from "./tools.ts";

/** `doctor`. */
export function addDoctor({ program, perform, face, say }: Tools): void {
  program
    .command("doctor")
    .description(say(doctorWords.doctor))
    .requiredOption("--config <FILE>", say(help.config))
    .option("--full", say(doctorWords.full))
    .option("--fix", say(doctorWords.fix))
    .option("--bundle <FILE>", say(doctorWords.bundle))
    .option("--json", say(help.json))
    .action((options) =>
      perform(async () => (await import("../verbs/doctor/doctor.ts")).doctor(face, options)),
    );
}

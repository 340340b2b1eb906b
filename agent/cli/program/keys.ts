import { help } from "../text/command-line/help.ts";
import type { Tools } from "./tools.ts";

/** `key`. */
export function addKeys({ program, perform, face, say }: Tools): void {
  const key = program.command("key").description(say(help.key));
  const verbs = () => import("../verbs/evidence/key.ts");
  key
    .command("init")
    .description(say(help.keyInit))
    .requiredOption("--config <FILE>", say(help.config))
    .option("--json", say(help.json))
    .action((options) => perform(async () => (await verbs()).init(face, options)));
  key
    .command("show")
    .description(say(help.keyShow))
    .requiredOption("--config <FILE>", say(help.config))
    .option("--json", say(help.json))
    .action((options) => perform(async () => (await verbs()).show(face, options)));
}

import { type Command, InvalidArgumentError, Option } from "commander";
import { help } from "../../text/command-line/help.ts";
import type { Phrase } from "../../text/phrase.ts";
import { checkHelp } from "../../text/records/check.ts";
import { period } from "../moments.ts";
import { entrySeq, type Tools, targeted, wholeBetween } from "../tools.ts";

const MOST = 1_000_000;

/** `check`: spot checks of a sample that nobody can steer. */
export function addCheck({ program, perform, face, say }: Tools): void {
  const check = program.command("check").description(say(checkHelp.check));
  const verb = (name: string, about: Phrase): Command =>
    targeted(check.command(name).description(say(about)), say);
  const orders = () => import("../../verbs/records/check/orders.ts");
  const shows = () => import("../../verbs/records/check/show.ts");

  verb("draw", checkHelp.draw)
    .requiredOption("--period <FROM..TO>", say(checkHelp.period), period)
    .requiredOption("--rate <RATE>", say(checkHelp.rate), rate)
    .option("--at-least <N>", say(checkHelp.atLeast), wholeBetween(1, MOST))
    .addOption(
      new Option("--of <KIND>", say(checkHelp.of))
        .choices(["recordings", "activities"])
        .default("recordings"),
    )
    .option("--by <ID>", say(checkHelp.by))
    .action((options) => perform(async () => (await orders()).draw(face, options)));
  verb("list", checkHelp.list)
    .option("--all", say(checkHelp.all))
    .action((options) => perform(async () => (await shows()).list(face, options)));
  verb("show", checkHelp.show)
    .argument("<DRAW>", say(checkHelp.id))
    .action((id, options) => perform(async () => (await shows()).show(face, id, options)));
  verb("result", checkHelp.result)
    .argument("<DRAW>", say(checkHelp.id))
    .argument("<ITEM>", say(checkHelp.item))
    .addOption(
      new Option("--finding <FINDING>", say(checkHelp.finding))
        .choices(["in-order", "defect", "note"])
        .makeOptionMandatory(),
    )
    .option("--defect <KIND>", say(checkHelp.defect))
    .option("--text <TEXT>", say(checkHelp.text))
    .option("--corrects <ENTRY>", say(checkHelp.corrects), entrySeq)
    .option("--by <ID>", say(checkHelp.by))
    .action((id, item, options) => perform(async () => (await orders()).result(face, id, item, options)));
  verb("verify", checkHelp.verify)
    .argument("<DRAW>", say(checkHelp.id))
    .requiredOption("--trust <FILE>", say(help.trust))
    .action((id, options) =>
      perform(async () => (await import("../../verbs/records/check/verify.ts")).verify(face, id, options)),
    );
}

/** `10%`, `2.5%` or `1/20`, above nothing and at most all. */
function rate(text: string): { rateN: number; rateD: number } {
  const percent = /^(\d{1,3})(?:\.(\d{1,4}))?%$/.exec(text);
  const [rateN, rateD] =
    percent === null
      ? (/^(\d{1,7})\/(\d{1,7})$/.exec(text)?.slice(1).map(Number) ?? [])
      : [Number(`${percent[1]}${percent[2] ?? ""}`), 100 * 10 ** (percent[2]?.length ?? 0)];
  const isRate = rateN !== undefined && rateD !== undefined && rateN >= 1 && rateN <= rateD && rateD <= MOST;
  if (!isRate) throw new InvalidArgumentError("10%, 2.5%, 1/20");
  return { rateN, rateD };
}

import type { Command } from "commander";
import { ledgerHelp } from "../text/evidence/ledger/words.ts";
import type { Phrase } from "../text/phrase.ts";
import { moment } from "./moments.ts";
import { entrySeq, type Tools, targeted, wholeBetween } from "./tools.ts";

const MAX_LISTED = 10_000;

/** `ledger` and `media`: what lies in a data directory, read-only. */
export function addLedger({ program, perform, face, say }: Tools): void {
  const ledger = program.command("ledger").description(say(ledgerHelp.ledger));
  const verb = (name: string, about: Phrase): Command =>
    targeted(ledger.command(name).description(say(about)), say);

  verb("list", ledgerHelp.list)
    .option("--type <TYPE>", say(ledgerHelp.type))
    .option("--since <TIME>", say(ledgerHelp.since), moment)
    .option("--until <TIME>", say(ledgerHelp.until), moment)
    .option("--rec <REC>", say(ledgerHelp.rec))
    .option("--activity <ACTIVITY>", say(ledgerHelp.activity))
    .option("--before <SEQ>", say(ledgerHelp.before), entrySeq)
    .option("--after <SEQ>", say(ledgerHelp.after), entrySeq)
    .option("--limit <N>", say(ledgerHelp.limit), wholeBetween(1, MAX_LISTED), 50)
    .action((options) =>
      perform(async () => (await import("../verbs/evidence/ledger/list.ts")).list(face, options)),
    );
  verb("show", ledgerHelp.show)
    .argument("<SEQ>", say(ledgerHelp.seq), entrySeq)
    .action((at, options) =>
      perform(async () => (await import("../verbs/evidence/ledger/show.ts")).show(face, at, options)),
    );
  verb("tail", ledgerHelp.tail)
    .option("-f, --follow", say(ledgerHelp.follow))
    .option("--limit <N>", say(ledgerHelp.limit), wholeBetween(0, MAX_LISTED), 20)
    .action((options) =>
      perform(async () => (await import("../verbs/evidence/ledger/tail.ts")).tail(face, options)),
    );
  verb("stats", ledgerHelp.stats).action((options) =>
    perform(async () => (await import("../verbs/evidence/ledger/stats.ts")).stats(face, options)),
  );
  verb("proof", ledgerHelp.proof)
    .argument("<SEQ>", say(ledgerHelp.seq), entrySeq)
    .argument("<FILE>", say(ledgerHelp.file))
    .option("--force", say(ledgerHelp.force))
    .action((at, file, options) =>
      perform(async () => (await import("../verbs/evidence/ledger/proof.ts")).proof(face, at, file, options)),
    );

  const media = program.command("media").description(say(ledgerHelp.media));
  targeted(media.command("check").description(say(ledgerHelp.check)), say)
    .option("--full", say(ledgerHelp.full))
    .action((options) =>
      perform(async () => (await import("../verbs/evidence/ledger/media-check.ts")).check(face, options)),
    );
}

import type { Command } from "commander";
import { help } from "../text/command-line/help.ts";
import type { Phrase } from "../text/phrase.ts";
import { uploadHelp } from "../text/uploads.ts";
import { type Tools, targeted, wholeBetween } from "./tools.ts";

/** `run`, and what is asked of a running agent: `status`, `record`, `sync`. */
export function addLive(tools: Tools): void {
  const { program, perform, face, say } = tools;
  program
    .command("run")
    .description(say(help.run))
    .requiredOption("--config <FILE>", say(help.config))
    .action((options) => perform(async () => (await import("../verbs/run.ts")).run(face, options)));

  const live = (parent: Command, name: string, about: Phrase) =>
    targeted(parent.command(name).description(say(about)), say);

  live(program, "status", help.status)
    .option("--watch", say(help.watch))
    .action((options) =>
      perform(async () => (await import("../verbs/live/status.ts")).status(face, options)),
    );

  const record = program.command("record").description(say(help.record));
  const verbs = () => import("../verbs/live/record.ts");
  live(record, "start", help.recordStart)
    .option("--trigger <TEXT>", say(help.trigger))
    .option("--wearer <ID>", say(help.wearer))
    .option("--activity <ID>", say(help.activityOption))
    .option("--stage <STAGE>", say(help.recordStage))
    .action((options) => perform(async () => (await verbs()).start(face, options)));
  live(record, "stop", help.recordStop)
    .option("--reason <TEXT>", say(help.reason))
    .action((options) => perform(async () => (await verbs()).stop(face, options)));
  live(record, "mark", help.recordMark)
    .argument("<LABEL>", say(help.label))
    .option("--by <ID>", say(help.by))
    .action((label, options) => perform(async () => (await verbs()).mark(face, label, options)));
  live(record, "photo", help.recordPhoto)
    .option("--by <ID>", say(help.photoBy))
    .action((options) => perform(async () => (await verbs()).photo(face, options)));
  live(record, "mute", help.recordMute).action((options) =>
    perform(async () => (await verbs()).mute(face, true, options)),
  );
  live(record, "unmute", help.recordUnmute).action((options) =>
    perform(async () => (await verbs()).mute(face, false, options)),
  );

  const sync = program.command("sync").description(say(help.sync));
  live(sync, "flush", help.syncFlush)
    .option("--timeout-s <SECONDS>", say(help.timeout), wholeBetween(1, 600), 60)
    .action((options) => perform(async () => (await import("../verbs/live/sync.ts")).flush(face, options)));
  const uploads = () => import("../verbs/live/uploads.ts");
  live(sync, "queue", uploadHelp.queue)
    .option("--limit <N>", say(uploadHelp.limit), wholeBetween(1, 1000), 50)
    .action((options) => perform(async () => (await uploads()).queue(face, options)));
  live(sync, "now", uploadHelp.now)
    .option("--minutes <N>", say(uploadHelp.minutes), wholeBetween(1, 1440), 60)
    .action((options) => perform(async () => (await uploads()).now(face, options)));
  live(sync, "pause", uploadHelp.pause)
    .option("--minutes <N>", say(uploadHelp.minutes), wholeBetween(1, 1440), 60)
    .action((options) => perform(async () => (await uploads()).pause(face, options)));
  live(sync, "resume", uploadHelp.resume).action((options) =>
    perform(async () => (await uploads()).resume(face, options)),
  );
  live(sync, "first", uploadHelp.first)
    .argument("<REC>", say(uploadHelp.rec))
    .action((rec, options) => perform(async () => (await uploads()).first(face, rec, options)));
}

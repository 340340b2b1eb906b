import { Command, InvalidArgumentError, Option } from "commander";
import { AGENT_VERSION } from "../version.ts";
import type { Face } from "./face/face.ts";
import type { ExitCode } from "./face/failure.ts";
import { addSimulate } from "./program/simulate.ts";
import { help } from "./text/help.ts";
import type { Phrase } from "./text/phrase.ts";

/** Runs a command's work and keeps its exit code. */
export type Perform = (work: () => Promise<ExitCode>) => Promise<void>;

/**
 * The tree of commands. Each loads its own code when it is called, so that none waits for the
 * packages of another.
 */
export function buildProgram(face: Face, perform: Perform): Command {
  const say = (phrase: Phrase) => face.say(phrase);
  const program = new Command("fulltrace")
    .description(say(help.program))
    .version(AGENT_VERSION, "-V, --version", say(help.version))
    .addOption(new Option("--lang <LANG>", say(help.lang)).choices(["zh", "en"]));
  const tools: Tools = { program, perform, face, say };
  addRun(tools);
  addLive(tools);
  addActivity(tools);
  addKeys(tools);
  addEvidence(tools);
  addSimulate(tools);
  for (const command of everyCommand(program)) dress(command, say);
  return program;
}

/** A command and all below it. */
export function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

interface Tools {
  program: Command;
  perform: Perform;
  face: Face;
  say: (phrase: Phrase) => string;
}

function addRun({ program, perform, face, say }: Tools): void {
  program
    .command("run")
    .description(say(help.run))
    .requiredOption("--config <FILE>", say(help.config))
    .action((options) => perform(async () => (await import("./verbs/run.ts")).run(face, options)));
}

function addLive(tools: Tools): void {
  const { program, perform, face, say } = tools;
  const live = (parent: Command, name: string, about: Phrase) =>
    targeted(parent.command(name).description(say(about)), say);

  live(program, "status", help.status).action((options) =>
    perform(async () => (await import("./verbs/live/status.ts")).status(face, options)),
  );

  const record = program.command("record").description(say(help.record));
  const verbs = () => import("./verbs/live/record.ts");
  live(record, "start", help.recordStart)
    .option("--trigger <TEXT>", say(help.trigger))
    .option("--wearer <ID>", say(help.wearer))
    .option("--activity <ID>", say(help.activityOption))
    .action((options) => perform(async () => (await verbs()).start(face, options)));
  live(record, "stop", help.recordStop)
    .option("--reason <TEXT>", say(help.reason))
    .action((options) => perform(async () => (await verbs()).stop(face, options)));
  live(record, "mark", help.recordMark)
    .argument("<LABEL>", say(help.label))
    .option("--by <ID>", say(help.by))
    .action((label, options) => perform(async () => (await verbs()).mark(face, label, options)));
  live(record, "mute", help.recordMute).action((options) =>
    perform(async () => (await verbs()).mute(face, true, options)),
  );
  live(record, "unmute", help.recordUnmute).action((options) =>
    perform(async () => (await verbs()).mute(face, false, options)),
  );

  const sync = program.command("sync").description(say(help.sync));
  live(sync, "flush", help.syncFlush)
    .option("--timeout-s <SECONDS>", say(help.timeout), wholeSeconds, 60)
    .action((options) => perform(async () => (await import("./verbs/live/sync.ts")).flush(face, options)));
}

function addActivity({ program, perform, face, say }: Tools): void {
  const activity = program.command("activity").description(say(help.activity));
  const verbs = () => import("./verbs/live/activity.ts");
  targeted(activity.command("open").description(say(help.activityOpen)), say)
    .requiredOption("--kind <KIND>", say(help.kind))
    .requiredOption("--title <TEXT>", say(help.title))
    .option("--place <TEXT>", say(help.place))
    .option("--officer <ID>", say(help.officer), (id: string, earlier: string[]) => [...earlier, id], [])
    .option("--case-no <NUMBER>", say(help.caseNo))
    .action((options) => perform(async () => (await verbs()).open(face, options)));
  targeted(activity.command("note").description(say(help.activityNote)), say)
    .argument("<ACTIVITY>", say(help.activityId))
    .argument("<TEXT>", say(help.text))
    .action((id, text, options) => perform(async () => (await verbs()).note(face, id, text, options)));
  targeted(activity.command("close").description(say(help.activityClose)), say)
    .argument("<ACTIVITY>", say(help.activityId))
    .argument("<OUTCOME>", say(help.outcome))
    .action((id, outcome, options) => perform(async () => (await verbs()).close(face, id, outcome, options)));
}

function addKeys({ program, perform, face, say }: Tools): void {
  const key = program.command("key").description(say(help.key));
  const verbs = () => import("./verbs/key.ts");
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

function addEvidence({ program, perform, face, say }: Tools): void {
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
      perform(async () => (await import("./verbs/evidence/verify.ts")).verify(face, dir, options)),
    );

  const recording = program.command("recording").description(say(help.recording));
  targeted(recording.command("list").description(say(help.recordingList)), say)
    .argument("[DATA_DIR]", say(help.verifyDir))
    .action((dir: string | undefined, options) =>
      perform(async () =>
        (await import("./verbs/evidence/list.ts")).list(face, { ...options, data: dir ?? options.data }),
      ),
    );
  targeted(recording.command("save").description(say(help.recordingSave)), say)
    .argument("<REC>", say(help.rec))
    .argument("<FILE>", say(help.file))
    .option("--force", say(help.force))
    .option("--partial", say(help.partial))
    .action((rec, file, options) =>
      perform(async () => (await import("./verbs/evidence/save.ts")).save(face, rec, file, options)),
    );
}

/** Options of every command that means one agent. */
function targeted(command: Command, say: (phrase: Phrase) => string): Command {
  return command
    .option("--data <DIR>", say(help.data))
    .option("--config <FILE>", say(help.config))
    .option("--json", say(help.json));
}

function wholeSeconds(text: string): number {
  if (!/^[1-9][0-9]{0,2}$/.test(text) || Number(text) > 600) throw new InvalidArgumentError("1 to 600");
  return Number(text);
}

/** Help in the chosen language; errors are thrown, and told in one place. */
function dress(command: Command, say: (phrase: Phrase) => string): void {
  const headings: Readonly<Record<string, Phrase>> = {
    "Usage:": help.usage,
    "Arguments:": help.arguments,
    "Options:": help.options,
    "Commands:": help.commands,
  };
  command
    .helpOption("-h, --help", say(help.helpOption))
    .helpCommand(false)
    .configureHelp({
      styleTitle: (title) => {
        const heading = headings[title];
        return heading === undefined ? title : say(heading);
      },
    })
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
}

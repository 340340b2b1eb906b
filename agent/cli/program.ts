import { Command, Option } from "commander";
import { AGENT_VERSION } from "../version.ts";
import type { Face } from "./face/face.ts";
import { helpStyle } from "./help-style.ts";
import { addDock } from "./program/dock.ts";
import { addDoctor } from "./program/doctor.ts";
import { addEvidence } from "./program/evidence.ts";
import { addFlash } from "./program/flash.ts";
import { addKeys } from "./program/keys.ts";
import { addLedger } from "./program/ledger.ts";
import { addLive } from "./program/live.ts";
import { addProbes } from "./program/probes.ts";
import { addActivity } from "./program/records/activity.ts";
import { addCheck } from "./program/records/check.ts";
import { addGap } from "./program/records/gap.ts";
import { addReport } from "./program/records/report.ts";
import { addShare } from "./program/records/share.ts";
import { addTemplate } from "./program/records/template.ts";
import { addShell } from "./program/shell.ts";
import { addSimulate } from "./program/simulate.ts";
import type { Perform, Tools } from "./program/tools.ts";
import { addUpdate } from "./program/update.ts";
import { examplesOf } from "./text/command-line/examples.ts";
import { help } from "./text/command-line/help.ts";
import type { Say } from "./text/phrase.ts";

/**
 * The tree of commands. Each loads its own code when it is called, so that none waits for the
 * packages of another.
 */
export function buildProgram(face: Face, perform: Perform): Command {
  const say: Say = (phrase, values) => face.say(phrase, values);
  const program = new Command("fulltrace")
    .description(say(help.program))
    .version(AGENT_VERSION, "-V, --version", say(help.version))
    .addOption(new Option("--lang <LANG>", say(help.lang)).choices(["zh", "en"]));
  const tools: Tools = { program, perform, face, say };
  addLive(tools);
  addActivity(tools);
  addGap(tools);
  addCheck(tools);
  addDock(tools);
  addDoctor(tools);
  addFlash(tools);
  addKeys(tools);
  addEvidence(tools);
  addProbes(tools);
  addShare(tools);
  addTemplate(tools);
  addLedger(tools);
  addReport(tools);
  addSimulate(tools);
  addUpdate(tools);
  addShell(tools);
  for (const command of everyCommand(program)) dress(command, say);
  return program;
}

/** A command and all below it. */
export function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** Help in the chosen language; errors are thrown, and told in one place. */
function dress(command: Command, say: Say): void {
  command
    .helpOption("-h, --help", say(help.helpOption))
    .helpCommand(false)
    .configureHelp(helpStyle(say))
    .configureOutput({ writeErr: () => undefined })
    .addHelpText("after", () => exampleLines(command, say))
    .exitOverride();
}

function exampleLines(command: Command, say: Say): string {
  const lines = examplesOf(wordsOf(command).join(" "));
  return lines.length === 0 ? "" : ["", say(help.examples), ...lines.map((line) => `  ${line}`)].join("\n");
}

/** The words that call a command, without the program's own name. */
export function wordsOf(command: Command): string[] {
  return command.parent === null ? [] : [...wordsOf(command.parent), command.name()];
}

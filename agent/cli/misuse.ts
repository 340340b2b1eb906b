import type { Command, CommanderError } from "commander";
import { AgentError } from "../../config/base/errors.ts";
import { nearest } from "../../config/suggest.ts";
import type { Face } from "./face/face.ts";
import { wordsOf } from "./program.ts";
import { misuses } from "./text/command-line/misuses.ts";

/** What commander refused, in our words and language: code `misuse`, and the help to look at. */
export function misuseOf(
  face: Face,
  error: CommanderError,
  args: readonly string[],
  program: Command,
): AgentError {
  const command = meantCommand(args, program);
  const what = /(?:argument |^[^']*)'([^']*)'(?!.*for argument)/.exec(error.message)?.[1] ?? "";
  const choices = /Allowed choices are (.+)\.$/.exec(error.message)?.[1]?.split(", ");
  const chosen = /argument(?: value)? '([^']*)' is invalid/.exec(error.message)?.[1] ?? "";
  const word =
    /Did you mean (?:one of )?(.+)\?/.exec(error.message)?.[1] ?? nearest(chosen, choices ?? []) ?? undefined;
  const allowed =
    /is invalid(?: for argument '[^']*')?\. (?:Allowed choices are )?(.+?)\.?$/.exec(error.message)?.[1] ??
    namesBelow(command);
  const reason = Object.hasOwn(misuses.reasons, error.code)
    ? face.say(misuses.reasons[error.code as keyof typeof misuses.reasons], { what, allowed })
    : error.message;
  const hint = word === undefined ? "" : face.say(misuses.suggestion, { word });
  return new AgentError("misuse", reason + hint, {
    next: face.say(misuses.seeHelp, { command: calledAs(command) }),
  });
}

/** The deepest command that the arguments name. */
function meantCommand(args: readonly string[], program: Command): Command {
  let command = program;
  for (const arg of args) command = command.commands.find((child) => child.name() === arg) ?? command;
  return command;
}

function calledAs(command: Command): string {
  return ["fulltrace", ...wordsOf(command)].join(" ");
}

function namesBelow(command: Command): string {
  return command.commands.map((child) => child.name()).join(", ");
}

import type { Argument, Command, Option } from "commander";

/** What may stand at a place of the command line: words to choose from, a path, or anything. */
export type ValueKind =
  | { kind: "choice"; words: readonly string[] }
  | { kind: "file" }
  | { kind: "directory" }
  | { kind: "text" };

export interface OptionOutline {
  /** With its dashes: `--config`. */
  long: string;
  short: string | null;
  about: string;
  isRequired: boolean;
  /** Null: a switch. */
  value: { name: string; kind: ValueKind } | null;
}

export interface ArgumentOutline {
  name: string;
  about: string;
  isRequired: boolean;
  kind: ValueKind;
}

/** A command as completions and the manual need it. */
export interface CommandOutline {
  /** Its words behind the program's name; none for the program itself. */
  words: readonly string[];
  about: string;
  options: readonly OptionOutline[];
  arguments: readonly ArgumentOutline[];
  below: readonly CommandOutline[];
}

/** The outline of a command and all below it, in the language that its descriptions are in. */
export function outlineOf(command: Command, words: readonly string[] = []): CommandOutline {
  const help = command.createHelp();
  return {
    words,
    about: command.description(),
    options: help.visibleOptions(command).map(optionOutline),
    arguments: command.registeredArguments.map(argumentOutline),
    below: command.commands.map((child) => outlineOf(child, [...words, child.name()])),
  };
}

/** A command and all below it, from the top. */
export function everyOutline(outline: CommandOutline): CommandOutline[] {
  return [outline, ...outline.below.flatMap(everyOutline)];
}

function optionOutline(option: Option): OptionOutline {
  const name = /[<[]([^\]>]+)[\]>]/.exec(option.flags)?.[1];
  return {
    long: option.long ?? option.flags,
    short: option.short ?? null,
    about: option.description,
    isRequired: option.mandatory,
    value: name === undefined ? null : { name, kind: kindOf(name, option.argChoices) },
  };
}

function argumentOutline(argument: Argument): ArgumentOutline {
  const name = argument.name();
  return {
    name,
    about: argument.description,
    isRequired: argument.required,
    kind: kindOf(name, argument.argChoices),
  };
}

/** Our names of values say what they are. */
function kindOf(name: string, choices: readonly string[] | undefined): ValueKind {
  if (choices !== undefined) return { kind: "choice", words: choices };
  if (/(^|_)DIR$/.test(name)) return { kind: "directory" };
  if (/^(FILE|LINK|PATH|DEVICE|IMAGE|TARGET|PARTITION)$/.test(name)) return { kind: "file" };
  return { kind: "text" };
}

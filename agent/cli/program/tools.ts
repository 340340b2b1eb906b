import { type Command, InvalidArgumentError } from "commander";
import type { Face } from "../face/face.ts";
import type { ExitCode } from "../face/failure.ts";
import { help } from "../text/command-line/help.ts";
import type { Phrase } from "../text/phrase.ts";

/** Runs a command's work and keeps its exit code. */
export type Perform = (work: () => Promise<ExitCode>) => Promise<void>;

/** What every part of the tree of commands is built with. */
export interface Tools {
  program: Command;
  perform: Perform;
  face: Face;
  say: (phrase: Phrase) => string;
}

/** Options of every command that means one agent. */
export function targeted(command: Command, say: (phrase: Phrase) => string): Command {
  return command
    .option("--data <DIR>", say(help.data))
    .option("--config <FILE>", say(help.config))
    .option("--json", say(help.json));
}

/** Reads an option that is a whole number. */
export function wholeBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^-?[0-9]{1,12}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) throw new InvalidArgumentError(`${least} to ${most}`);
    return value;
  };
}

/** Reads an option that is the number of an entry. */
export const entrySeq = wholeBetween(0, 1e12 - 1);

/** Reads an option that may be given again and again. */
export function collected(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

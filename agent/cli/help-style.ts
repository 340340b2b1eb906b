import type { Argument, Help, Option } from "commander";
import { columns } from "./face/width.ts";
import { help } from "./text/command-line/help.ts";
import type { Phrase, Say } from "./text/phrase.ts";

/** What commander's help says by itself, in the language of the rest; CJK takes the columns that it takes. */
export function helpStyle(say: Say): Partial<Help> {
  const headings: Readonly<Record<string, Phrase>> = {
    "Usage:": help.usage,
    "Arguments:": help.arguments,
    "Options:": help.options,
    "Commands:": help.commands,
  };
  const placeholders = (text: string): string =>
    text.replace("[options]", say(help.someOptions)).replace("[command]", say(help.aCommand));
  const described = ({ description, argChoices, defaultValue }: Option | Argument): string => {
    const choices = argChoices === undefined ? "" : say(help.choices, { choices: argChoices.join(", ") });
    // a switch is off, and a list is empty, without a word
    const isTold = typeof defaultValue === "string" || typeof defaultValue === "number";
    const value = isTold ? say(help.defaultsTo, { value: defaultValue }) : "";
    return `${description}${choices}${value}`;
  };
  return {
    displayWidth: columns,
    styleTitle: (title) => {
      const heading = headings[title];
      return heading === undefined ? title : say(heading);
    },
    styleUsage: placeholders,
    styleSubcommandTerm: placeholders,
    optionDescription: described,
    argumentDescription: described,
  };
}

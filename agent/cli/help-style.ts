import type { Argument, Help, Option } from "commander";
import { columns } from "./face/width.ts";
import { help } from "./text/help.ts";
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
    const more = [
      ...(argChoices === undefined ? [] : [say(help.choices, { choices: argChoices.join(", ") })]),
      // a switch is off, and a list is empty, without a word
      ...(typeof defaultValue === "string" || typeof defaultValue === "number"
        ? [say(help.defaultsTo, { value: String(defaultValue) })]
        : []),
    ];
    return more.length === 0
      ? description
      : say(help.described, { description, more: more.join(say(help.and)) });
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

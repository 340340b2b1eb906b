import { examplesOf } from "../text/command-line/examples.ts";
import { manualWords as words } from "../text/command-line/manual.ts";
import type { Phrase, Say } from "../text/phrase.ts";
import { type CommandOutline, everyOutline, type OptionOutline } from "./outline.ts";

/** The manual page `fulltrace(1)` in troff's man macros, in the language of the outline. */
export function manualPage(program: CommandOutline, version: string, say: Say): string {
  const commands = everyOutline(program).filter(({ below }) => below.length === 0);
  return [
    `.TH FULLTRACE 1 "" ${roff(`"fulltrace ${version}"`)} "fulltrace"`,
    ".ad l",
    `.SH ${say(words.name)}`,
    `fulltrace \\- ${roff(program.about)}`,
    `.SH ${say(words.synopsis)}`,
    ".B fulltrace",
    `.I ${say(words.nounVerb)}`,
    `.SH ${say(words.description)}`,
    roff(say(words.about)),
    `.SH ${say(words.commands)}`,
    ...commands.flatMap((command) => commandLines(command, say)),
    `.SH ${say(words.exit)}`,
    ...terms(say, { 0: words.exitDone, 1: words.exitNo, 2: words.exitMisuse }),
    `.SH ${say(words.environment)}`,
    ...terms(say, {
      "LC_ALL, LC_MESSAGES, LANG": words.language,
      NO_COLOR: words.noColour,
      TMPDIR: words.temporary,
    }),
    "",
  ].join("\n");
}

/** Terms, each with what it means. */
function terms(say: Say, meanings: Readonly<Record<string, Phrase>>): string[] {
  return Object.entries(meanings).flatMap(([term, meaning]) => [
    ".TP",
    `.B ${roff(term)}`,
    roff(say(meaning)),
  ]);
}

function commandLines(command: CommandOutline, say: Say): string[] {
  const called = ["fulltrace", ...command.words].join(" ");
  const taken = command.arguments.map(({ name, isRequired }) => (isRequired ? name : `[${name}]`));
  return [
    `.SS ${roff([called, ...taken].join(" "))}`,
    roff(command.about),
    ...command.arguments.flatMap(({ name, about }) => [".TP", `.I ${roff(name)}`, roff(about)]),
    ...command.options.flatMap(optionLines),
    ".PP",
    say(words.examples),
    ".nf",
    ...examplesOf(command.words.join(" ")).map((line) => `\\&    ${roff(line)}`),
    ".fi",
  ];
}

function optionLines({ long, short, about, value }: OptionOutline): string[] {
  const names = [...(short === null ? [] : [short]), long].join(", ");
  return [".TP", `.B ${roff(value === null ? names : `${names} ${value.name}`)}`, roff(about)];
}

/** Text as troff prints it: no request at the start of a line, hyphens that can be copied. */
function roff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^([.'])/, "\\&$1");
}

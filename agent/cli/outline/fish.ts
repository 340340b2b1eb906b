import { type CommandOutline, everyOutline, type OptionOutline, type ValueKind } from "./outline.ts";

/** A completion for fish, to be put as `fulltrace.fish` into a completions directory, or sourced. */
export function fishCompletion(program: CommandOutline): string {
  return `# fish completion of fulltrace
function __fulltrace_at
    set -l path
    for word in (commandline -opc)[2..-1]
        switch "$path $word"
            case ${everyOutline(program)
              .filter(({ words }) => words.length > 0)
              .map(({ words }) => quotedForFish(` ${words.join(" ")}`))
              .join(" ")}
                set path "$path $word"
        end
    end
    test "$path" = "$argv[1]"
end
complete -c fulltrace -f
${everyOutline(program).flatMap(linesOf).join("\n")}
`;
}

function linesOf({ words, options, arguments: taken, below }: CommandOutline): string[] {
  const path = words.map((word) => ` ${word}`).join("");
  const here = `complete -c fulltrace -n ${quotedForFish(`__fulltrace_at "${path}"`)}`;
  return [
    ...below.map((child) => `${here} -a ${child.words.at(-1)} -d ${quotedForFish(child.about)}`),
    ...options.map((option) => `${here} ${optionWords(option)}`),
    ...taken.flatMap(({ kind }) => (kind.kind === "text" ? [] : [`${here} ${valueWords(kind)}`])),
  ];
}

function optionWords({ long, short, about, value }: OptionOutline): string {
  return [
    `-l ${long.replace(/^--/, "")}`,
    ...(short === null ? [] : [`-s ${short.replace(/^-/, "")}`]),
    `-d ${quotedForFish(about)}`,
    ...(value === null ? [] : [value.kind.kind === "file" ? "-r" : "-x", valueWords(value.kind)]),
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function valueWords(kind: ValueKind): string {
  switch (kind.kind) {
    case "choice":
      return `-a ${quotedForFish(kind.words.join(" "))}`;
    case "file":
      return "-F";
    case "directory":
      return "-a '(__fish_complete_directories)'";
    case "text":
      return "";
  }
}

function quotedForFish(text: string): string {
  return `'${text.replace(/[\\']/g, (sign) => `\\${sign}`)}'`;
}

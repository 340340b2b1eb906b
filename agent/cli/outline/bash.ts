import { type CommandOutline, everyOutline, type OptionOutline, type ValueKind } from "./outline.ts";
import { quoted } from "./quoted.ts";

/** A completion for bash, to be sourced: options, commands, choices, files and directories. */
export function bashCompletion(program: CommandOutline): string {
  const outlines = everyOutline(program);
  return `# bash completion of fulltrace; source it, or put it into /etc/bash_completion.d
_fulltrace() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} at="" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case "$at:$word" in
${outlines
  .filter(({ words }) => words.length > 0)
  .map(stepLine)
  .join("\n")}
    esac
  done
  local words="" files=""
  case "$at:$prev" in
${outlines.flatMap(valueLines).join("\n")}
    *)
      case "$at" in
${outlines.map(placeLine).join("\n")}
      esac ;;
  esac
  COMPREPLY=()
  [[ -n $words ]] && mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  case $files in
    file) compopt -o filenames; mapfile -t -O \${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$cur") ;;
    directory) compopt -o filenames; mapfile -t -O \${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$cur") ;;
  esac
}
complete -F _fulltrace fulltrace
`;
}

/** Another word of the path to a command. */
function stepLine({ words }: CommandOutline): string {
  const above = words.slice(0, -1).join(" ");
  return `      ${quoted(`${above}:${words.at(-1)}`)}) at=${quoted(words.join(" "))} ;;`;
}

/** What comes behind an option that takes a value. */
function valueLines({ words, options }: CommandOutline): string[] {
  const taking = (option: OptionOutline) => {
    if (option.value === null) return [];
    const names = [option.long, ...(option.short === null ? [] : [option.short])];
    const patterns = names.map((name) => quoted(`${words.join(" ")}:${name}`)).join(" | ");
    return [`    ${patterns}) ${assignment(option.value.kind, [])} ;;`];
  };
  return options.flatMap(taking);
}

/** What else may stand in a command. */
function placeLine({ words, options, arguments: taken, below }: CommandOutline): string {
  const known = [
    ...below.map((child) => child.words.at(-1) ?? ""),
    ...options.map(({ long }) => long),
    ...taken.flatMap(({ kind }) => (kind.kind === "choice" ? kind.words : [])),
  ];
  const path = taken.map(({ kind }) => kind).find(({ kind }) => kind === "file" || kind === "directory");
  return `        ${quoted(words.join(" "))}) ${assignment(path ?? { kind: "text" }, known)} ;;`;
}

function assignment(kind: ValueKind, known: readonly string[]): string {
  const words = kind.kind === "choice" ? [...known, ...kind.words] : known;
  const files = kind.kind === "file" || kind.kind === "directory" ? ` files=${kind.kind}` : "";
  return `words=${quoted(words.join(" "))}${files}`;
}

import {
  type ArgumentOutline,
  type CommandOutline,
  everyOutline,
  type OptionOutline,
  type ValueKind,
} from "./outline.ts";
import { quoted } from "./quoted.ts";

/** A completion for zsh, to be put as `_fulltrace` into a directory of `fpath`, or sourced after compinit. */
export function zshCompletion(program: CommandOutline): string {
  return `#compdef fulltrace
# zsh completion of fulltrace
${everyOutline(program).map(functionOf).join("\n")}
if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then _fulltrace "$@"; else compdef _fulltrace fulltrace; fi
`;
}

function functionName(words: readonly string[]): string {
  return ["_fulltrace", ...words].join("_");
}

function functionOf(outline: CommandOutline): string {
  const { words, options, arguments: taken, below } = outline;
  if (below.length === 0)
    return `${functionName(words)}() {
  _arguments -s ${[...options.map(optionSpec), ...taken.map(argumentSpec)].join(" \\\n    ")}
}`;
  return `${functionName(words)}() {
  local context state line
  local -a below=(${below.map((child) => quoted(`${child.words.at(-1)}:${child.about}`)).join(" ")})
  _arguments -C ${[...options.map(optionSpec), "'1: :->command'", "'*:: :->rest'"].join(" \\\n    ")}
  case $state in
    command) _describe command below ;;
    rest)
      case $line[1] in
${below.map((child) => `        ${quoted(child.words.at(-1) ?? "")}) ${functionName(child.words)} ;;`).join("\n")}
      esac ;;
  esac
}`;
}

function optionSpec({ long, about, value }: OptionOutline): string {
  const told = `${long}[${escaped(about)}]`;
  return quoted(value === null ? told : `${told}:${escaped(value.name)}:${action(value.kind)}`);
}

function argumentSpec({ name, isRequired, kind }: ArgumentOutline): string {
  return quoted(`${isRequired ? ":" : "::"}${escaped(name)}:${action(kind)}`);
}

function action(kind: ValueKind): string {
  switch (kind.kind) {
    case "choice":
      return `(${kind.words.join(" ")})`;
    case "file":
      return "_files";
    case "directory":
      // `_files -/` would fall back to files
      return "_path_files -/";
    case "text":
      return " ";
  }
}

/** What has a meaning in a specification. */
function escaped(text: string): string {
  return text.replace(/[\\[\]:]/g, (sign) => `\\${sign}`);
}

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SHELLS, type Shell } from "../../../../agent/cli/outline/shells.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";
import { fulltrace } from "../command-line.ts";

const TIMEOUT_MS = 60_000;

/** How each shell is asked what it offers for the end of `$2`, with the completion in `$1`; a line for each word. */
const ASK: Readonly<Record<Shell, string[]>> = {
  bash: [
    "--norc",
    "-c",
    `source "$1"; read -ra COMP_WORDS <<< "$2"; [[ $2 == *" " ]] && COMP_WORDS+=("")
     COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _fulltrace 2> /dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`,
    "bash",
  ],
  // in a terminal of its own, where tab is pressed: one word is completed, and the line is shown
  zsh: [
    "-f",
    "-c",
    `zmodload zsh/zpty; zpty z zsh -f -i
     zpty -w z "PROMPT=; unsetopt beep zle_bracketed_paste; autoload -Uz compinit; compinit -D; source $1; print rea''dy"
     zpty -r z out '*ready*'
     zpty -n -w z "$2"$'\\t'"; print fini''shed"$'\\n'
     zpty -r z out '*finished*'
     print -r -- "\${out//[^[:print:]]/ }" | tr -s ' ;' '\\n'`,
    "zsh",
  ],
  fish: ["--no-config", "-c", `source $argv[1]; complete -C $argv[2] | string replace -r '\\t.*' ''; true`],
};

for (const shell of SHELLS) {
  test(`${shell} completes commands, options, choices, files and directories`, async (t) => {
    const folder = temporaryDirectory(t);
    mkdirSync(join(folder, "evidence"));
    writeFileSync(join(folder, "plan.toml"), "");
    const script = join(folder, "completion");
    writeFileSync(script, (await fulltrace(["completion", shell])).stdout);
    const offers = (line: string) =>
      execFileSync(shell, [...ASK[shell], script, `fulltrace ${line}`], {
        encoding: "utf8",
        timeout: TIMEOUT_MS,
        cwd: folder,
      })
        .split("\n")
        .map((word) => word.replace(/\/$/, ""));
    assert.ok(offers("activity op").includes("open"));
    assert.ok(offers("activity list --lim").includes("--limit"));
    assert.ok(offers("simulate recorder --make jie").includes("jieli"));
    assert.ok(offers("completion zs").includes("zsh"));
    assert.ok(offers("verify evid").includes("evidence"));
    assert.ok(offers("status --config pla").includes("plan.toml"));
    assert.ok(!offers("simulate recorder --port pla").includes("plan.toml"), "a port of a hub is no file");
    assert.ok(offers("simulate board --link pla").includes("plan.toml"), "a path is");
    assert.ok(!offers("verify pla").includes("plan.toml"), "a directory is asked for");
    assert.ok(!offers("record op").includes("open"), "a command of another noun");
  });
}

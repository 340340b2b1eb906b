import type { Command } from "commander";
import { AGENT_VERSION } from "../../version.ts";
import type { Face } from "../face/face.ts";
import type { ExitCode } from "../face/failure.ts";
import { bashCompletion } from "../outline/bash.ts";
import { fishCompletion } from "../outline/fish.ts";
import { manualPage } from "../outline/manual.ts";
import { type CommandOutline, outlineOf } from "../outline/outline.ts";
import type { Shell } from "../outline/shells.ts";
import { zshCompletion } from "../outline/zsh.ts";

const COMPLETIONS: Readonly<Record<Shell, (program: CommandOutline) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** `fulltrace completion SHELL`. */
export async function completion(face: Face, program: Command, shell: Shell): Promise<ExitCode> {
  face.print(COMPLETIONS[shell](outlineOf(program)).trimEnd());
  return 0;
}

/** `fulltrace manual`. */
export async function manual(face: Face, program: Command): Promise<ExitCode> {
  const say = (...said: Parameters<Face["say"]>) => face.say(...said);
  face.print(manualPage(outlineOf(program), AGENT_VERSION, say).trimEnd());
  return 0;
}

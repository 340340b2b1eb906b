#!/usr/bin/env -S MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=131072 node --max-semi-space-size=1
import { CommanderError } from "commander";
import { Face } from "./face/face.ts";
import { type ExitCode, tellFailure } from "./face/failure.ts";
import { misuseOf } from "./misuse.ts";
import { buildProgram } from "./program.ts";

/** Runs one command line and answers its exit code: 0 done, 1 the answer is no, 2 misuse. */
async function main(args: readonly string[]): Promise<ExitCode> {
  const { stdout, stderr, env } = process;
  const face = new Face({ stdout, stderr, env, lang: optionOf(args, "--lang") });
  let exit: ExitCode = 0;
  const program = buildProgram(face, async (work) => {
    exit = await work();
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const told = error instanceof CommanderError ? misuseOf(face, error, args, program) : error;
    return tellFailure(face, told, {
      asJson: args.includes("--json"),
      withStack: env["FULLTRACE_STACK"] === "1",
    });
  }
}

/** The value of an option before anything is parsed: help and errors already speak its language. */
function optionOf(args: readonly string[], name: string): string | undefined {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  return at < 0 ? undefined : (args[at]?.split("=")[1] ?? args[at + 1]);
}

process.exitCode = await main(process.argv.slice(2));

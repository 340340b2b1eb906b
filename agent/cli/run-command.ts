import { CommanderError } from "commander";
import { Face } from "./face/face.ts";
import { type ExitCode, tellFailure } from "./face/failure.ts";
import { misuseOf } from "./misuse.ts";
import { buildProgram } from "./program.ts";

/** Where a command prints, and what it knows of its surroundings. */
export type Surroundings = Omit<ConstructorParameters<typeof Face>[0], "lang">;

/** Runs one command line and answers its exit code: 0 done, 1 the answer is no, 2 misuse. */
export async function runCommand(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const face = new Face({ ...surroundings, lang: optionOf(args, "--lang") });
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
      withStack: surroundings.env["FULLTRACE_STACK"] === "1",
    });
  }
}

/** The value of an option before anything is parsed: help and errors already speak its language. */
function optionOf(args: readonly string[], name: string): string | undefined {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  return at < 0 ? undefined : (args[at]?.split("=")[1] ?? args[at + 1]);
}

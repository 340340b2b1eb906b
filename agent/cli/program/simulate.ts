import type { Command } from "commander";
import type { Face } from "../face/face.ts";
import type { ExitCode } from "../face/failure.ts";
import type { Phrase } from "../text/phrase.ts";
import { simulateHelp } from "../text/simulate.ts";

interface Tools {
  program: Command;
  perform: (work: () => Promise<ExitCode>) => Promise<void>;
  face: Face;
  say: (phrase: Phrase) => string;
}

/** `fulltrace simulate …`: hardware that is not there. */
export function addSimulate({ program, perform, face, say }: Tools): void {
  const simulate = program.command("simulate").description(say(simulateHelp.simulate));
  simulate
    .command("board")
    .description(say(simulateHelp.board))
    .requiredOption("--link <PATH>", say(simulateHelp.link))
    .action((options) =>
      perform(async () => (await import("../verbs/simulate/board.ts")).simulateBoard(face, options)),
    );
}

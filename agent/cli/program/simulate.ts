import { simulateHelp } from "../text/simulate.ts";
import type { Tools } from "./tools.ts";

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
